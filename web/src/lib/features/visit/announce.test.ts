import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Live } from '#lib/realtime/live.svelte.ts';

const [arrival, paid, enqueue] = vi.hoisted(() => [vi.fn(), vi.fn(), vi.fn()]);
vi.mock('#lib/features/voice/player.svelte.ts', () => ({ player: { enqueue } }));
vi.mock('#lib/features/voice/chime.ts', () => ({ chimeArrival: arrival, chimePaid: paid }));

const { announce } = await import('./announce.ts');
const { speakUp } = await import('./speakup.svelte.ts');

let handlers: Map<string, (data: unknown) => void>;
let inVisit: string | undefined;
let stop: () => void;
const news = (kind: string, data: unknown) => handlers.get(kind)?.(data);
const said = (more: object) => ({ id: 'message', visit_id: 'visit', by: 'app', state: 'heard', ...more });

beforeEach(() => {
	vi.clearAllMocks();
	[handlers, inVisit, speakUp.on] = [new Map(), undefined, true];
	const on = (kind: string, handler: (data: unknown) => void) => {
		handlers.set(kind, handler);
		return () => void handlers.delete(kind);
	};
	stop = announce({ side: 'vendor', on } as unknown as Live, () => inVisit);
});
afterEach(() => stop());

test('a buyer who comes is rung in', () => {
	news('buyer_arrived', {});
	expect(arrival).toHaveBeenCalledOnce();
});

test('money is rung in once for each payment, and only when it is there', () => {
	news('payment', { intent_id: 'one', state: 'checking' });
	expect(paid).not.toHaveBeenCalled();
	news('payment', { intent_id: 'one', state: 'paid' });
	news('payment', { intent_id: 'one', state: 'paid' });
	news('payment', { intent_id: 'two', state: 'paid' });
	expect(paid).toHaveBeenCalledTimes(2);
});

test('what the app says is spoken, but not in the visit that speaks for itself', () => {
	news('message', said({}));
	expect(enqueue).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ id: expect.stringContaining('message') }));
	inVisit = 'visit';
	news('message', said({ id: 'next' }));
	expect(enqueue).toHaveBeenCalledOnce();
});

test('nothing is spoken of other people, unheard, or where it is turned off', () => {
	news('message', said({ by: 'buyer' }));
	news('message', said({ state: 'hearing' }));
	speakUp.on = false;
	news('message', said({}));
	expect(enqueue).not.toHaveBeenCalled();
});

test('once stopped, nothing is announced', () => {
	stop();
	news('buyer_arrived', {});
	expect(arrival).not.toHaveBeenCalled();
});
