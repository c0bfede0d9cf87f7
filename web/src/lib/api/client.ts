// The typed client. A call is made as the buyer or as the vendor of this browser: the page says as whom.
import createClient from 'openapi-fetch';
import { Problem, problemOf } from './problem.ts';
import type { components, paths } from './schema.d.ts';

export type Schemas = components['schemas'];
export type Side = Schemas['Side'];

const TIMEOUT_MS = 20_000;
/** A recording on a slow network takes its time. */
const UPLOAD_TIMEOUT_MS = 90_000;

/** Known to pages of this host alone: what they keep in a cookie, and repeat in each call (ADR 0050). */
function token(): string {
	const secure = location.protocol === 'https:';
	const name = `${secure ? '__Host-' : ''}vyapar_token=`;
	const kept = document.cookie.split('; ').find((one) => one.startsWith(name));
	if (kept) return kept.slice(name.length);
	const made = newId();
	document.cookie = `${name}${made}; Path=/; SameSite=Strict${secure ? '; Secure' : ''}`;
	return made;
}

/** Makes a call, which ends in time and says that a page of ours makes it. */
export async function bounded(request: Request): Promise<Response> {
	request.headers.set('Vyapar-Token', token());
	const upload = request.headers.get('content-type')?.startsWith('application/json') === false;
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

/** What `openapi-fetch` sends of a file: its bytes as they are. */
export const bytesOf = (file: Blob, type: string) => ({
	headers: { 'Content-Type': type },
	body: file as unknown as string,
	bodySerializer: (body: unknown) => body as Blob
});

/** An id that the server has not seen (UUIDv4): makes a repeated write the same write. `crypto.randomUUID` is there over TLS and at localhost alone. */
export function newId(): string {
	const random = crypto.getRandomValues(new Uint8Array(31));
	let next = 0;
	// Each x is a random digit, and y is one of 8, 9, a and b.
	return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
		const digit = (random[next++] ?? 0) & 15;
		return (place === 'x' ? digit : (digit & 3) | 8).toString(16);
	});
}
