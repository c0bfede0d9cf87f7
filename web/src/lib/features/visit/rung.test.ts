import { beforeEach, expect, test, vi } from 'vitest';
import type { Live } from '#lib/realtime/live.svelte.ts';

const get = vi.hoisted(() => vi.fn());
vi.mock('#lib/api/client.ts', () => ({ vendorApi: { GET: get }, take: (call: Promise<unknown>) => call }));
vi.mock('#lib/features/account/session.svelte.ts', () => ({ session: { person: { id: 'me' } } }));

const { rungHere } = await import('./rung.ts');

let handlers: Map<string, (data: unknown) => void>;
let heard: string[];
const news = (kind: string, data: unknown) => handlers.get(kind)?.(data);
const settled = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
	vi.clearAllMocks();
	[handlers, heard] = [new Map(), []];
	const on = (kind: string, handler: (data: unknown) => void) => {
		handlers.set(kind, handler);
		return () => void handlers.delete(kind);
	};
	const line = rungHere({ side: 'vendor', on } as unknown as Live);
	line.on('buyer_arrived', () => heard.push('arrived'));
	line.on('message', (message) => heard.push(message.id));
});

async function arrival(card: object) {
	news('message', { id: 'hello', visit_id: 'visit', by: 'app', seq: 1 });
	news('buyer_arrived', { id: 'visit', ...card });
	await settled();
}

test('a buyer for whom everybody was rung is announced, without a question', async () => {
	await arrival({});
	expect(heard).toEqual(['arrived', 'hello']);
	expect(get).not.toHaveBeenCalled();
});

test('a buyer of one’s own team is announced, one of another team’s is not', async () => {
	get.mockResolvedValue({ crews: [{ id: 'night', members: ['me'] }, { id: 'day', members: ['another'] }] });
	await arrival({ rang_crew_id: 'night' });
	expect(heard).toEqual(['arrived', 'hello']);
	await arrival({ rang_crew_id: 'day' });
	expect(heard).toHaveLength(2);
});

test('where the teams cannot be seen, or the team is gone, the buyer is announced', async () => {
	get.mockRejectedValueOnce(new Error('offline'));
	await arrival({ rang_crew_id: 'night' });
	get.mockResolvedValueOnce({ crews: [] });
	await arrival({ rang_crew_id: 'night' });
	expect(heard).toEqual(['arrived', 'hello', 'arrived', 'hello']);
});

test('what is said later is heard at once', () => {
	news('message', { id: 'deal', visit_id: 'visit', by: 'app', seq: 5 });
	expect(heard).toEqual(['deal']);
});
