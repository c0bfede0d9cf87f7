// What the address asks for, as the server is asked.
import type { Schemas } from '#lib/api/client.ts';
import { AREAS } from './words.ts';

export interface Wanted {
	area?: Schemas['AuditArea'];
	person?: string;
	tenant?: string;
	since?: string;
	until?: string;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The beginning of a day here, or of the day after it. */
function moment(day: string | null, days: number): string | undefined {
	if (!day || !DAY.test(day)) return undefined;
	const at = new Date(`${day}T00:00:00`);
	at.setDate(at.getDate() + days);
	return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** Whatever makes no sense is not asked for. */
export function wantedOf(params: Pick<URLSearchParams, 'get'>): Wanted {
	const area = AREAS.find((known) => known === params.get('area'));
	const [person, tenant] = ['person', 'tenant'].map((name) => params.get(name) ?? '').map((id) => (ID.test(id) ? id : undefined));
	const since = moment(params.get('since'), 0);
	const until = moment(params.get('until'), 1);
	return {
		...(area ? { area } : {}),
		...(person ? { person } : {}),
		...(tenant ? { tenant } : {}),
		...(since ? { since } : {}),
		...(until ? { until } : {}),
	};
}
