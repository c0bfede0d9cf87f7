// The typed client. A call is made as the buyer or as the vendor of this browser: the page says as whom.
import createClient from 'openapi-fetch';
import { Problem, problemOf } from './problem.ts';
import type { components, paths } from './schema.d.ts';

export type Schemas = components['schemas'];
export type Side = Schemas['Side'];

const TIMEOUT_MS = 20_000;
/** A recording on a slow network takes its time. */
const UPLOAD_TIMEOUT_MS = 90_000;

async function bounded(request: Request): Promise<Response> {
	const upload = !(request.headers.get('content-type') ?? 'application/json').startsWith('application/json');
	try {
		return await fetch(request, { signal: AbortSignal.timeout(upload ? UPLOAD_TIMEOUT_MS : TIMEOUT_MS) });
	} catch {
		throw new Problem('offline', 0);
	}
}

const clientOf = (side: Side) =>
	createClient<paths>({ baseUrl: '/api/v1', headers: { 'Vyapar-Side': side }, fetch: bounded });

export type Api = ReturnType<typeof clientOf>;

export const buyerApi: Api = clientOf('buyer');
export const vendorApi: Api = clientOf('vendor');
export const apiOf = (side: Side): Api => (side === 'buyer' ? buyerApi : vendorApi);

interface Answer {
	data?: unknown;
	error?: unknown;
	response: Response;
}

/** What the call answered; throws its `Problem` where it did not. */
export async function take<A extends Answer>(call: Promise<A>): Promise<NonNullable<A['data']>> {
	const { data, error, response } = await call;
	if (!response.ok) throw problemOf(response.status, error);
	return data as NonNullable<A['data']>;
}

/** An id that the server has not seen: makes a repeated write the same write. */
export function newId(): string {
	if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
	// Only pages over TLS and on localhost have `randomUUID`.
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
	bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
	const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
	return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
