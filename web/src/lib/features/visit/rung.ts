// Which arrivals are said aloud on this phone: not those of buyers for whom another team's phones alone rang.
import { take, vendorApi, type Schemas } from '#lib/api/client.ts';
import { session } from '#lib/features/account/session.svelte.ts';
import type { Live } from '#lib/realtime/live.svelte.ts';

type Line = Pick<Live, 'side' | 'on'>;

/** Whether whoever holds this phone is meant. Where that cannot be seen they are: no buyer waits unheard. */
async function isMeant(card: Schemas['VisitCard']): Promise<boolean> {
	const rang = card.rang_crew_id;
	if (!rang) return true;
	try {
		const { crews } = await take(vendorApi.GET('/team'));
		const crew = crews.find(({ id }) => id === rang);
		return !crew || crew.members.includes(session.person?.id ?? '');
	} catch {
		return true;
	}
}

/** The line without such arrivals. A visit's first message, by which the app says that the buyer has come, waits for the card that follows it. */
export function rungHere(live: Line): Line {
	const first = new Map<string, () => void>();
	async function arrive(card: Schemas['VisitCard'], tell: () => void) {
		const said = first.get(card.id);
		first.delete(card.id);
		if (!(await isMeant(card))) return;
		tell();
		said?.();
	}
	return {
		side: live.side,
		on: (kind, handle) =>
			live.on(kind, (data, visit) => {
				const tell = () => handle(data, visit);
				if (kind === 'buyer_arrived') return void arrive(data as Schemas['VisitCard'], tell);
				if (kind !== 'message') return tell();
				const message = data as Schemas['Message'];
				if (message.by === 'app' && message.seq === 1) first.set(message.visit_id, tell);
				else tell();
			})
	};
}
