import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Schemas } from '#lib/api/client.ts';
import type { Live } from '#lib/realtime/live.svelte.ts';

const [GET, POST] = vi.hoisted(() => [vi.fn(), vi.fn()]);
vi.mock('#lib/api/client.ts', () => ({ vendorApi: { GET, POST }, take: (answer: unknown) => answer }));

const { TopUpRoom } = await import('./topup.svelte.ts');

type State = Schemas['PaymentState'];
const payment = (state: State) => ({ intent_id: 'intent', state, ways: [] }) as unknown as Schemas['Payment'];
const topUp = (state: State) => ({ id: 'mine', payment: payment(state) });

let news: (data: { top_up_id: string; payment: Schemas['Payment'] }) => void;
let reconnect: () => void;
let paid: ReturnType<typeof vi.fn<() => void>>;
let room: InstanceType<typeof TopUpRoom>;
let stop: () => void;
const settled = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(async () => {
	vi.clearAllMocks();
	GET.mockResolvedValue(topUp('waiting'));
	const live = {
		status: 'open',
		on: (_: string, handle: typeof news) => ((news = handle), () => {}),
		onReload: (load: () => void) => ((reconnect = load), () => {})
	};
	room = new TopUpRoom('mine', live as unknown as Live);
	room.onPaid = paid = vi.fn();
	stop = room.run();
	await settled();
});
afterEach(() => stop());

test('money that comes while one looks is told of once', async () => {
	GET.mockResolvedValue(topUp('paid'));
	news({ top_up_id: 'mine', payment: payment('paid') });
	await settled();
	news({ top_up_id: 'mine', payment: payment('paid') });
	expect(paid).toHaveBeenCalledOnce();
});

test('money that came while the line was down is told of when it is back', async () => {
	GET.mockResolvedValue(topUp('paid'));
	reconnect();
	await settled();
	expect(paid).toHaveBeenCalledOnce();
});

test('a way to pay that is made while the page is still read is shown', async () => {
	stop();
	let answer: (topUp: unknown) => void = () => {};
	GET.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
	const live = { status: 'open', on: (_: string, handle: typeof news) => ((news = handle), () => {}), onReload: () => () => {} };
	room = new TopUpRoom('mine', live as unknown as Live);
	stop = room.run();
	news({ top_up_id: 'mine', payment: payment('waiting') });
	answer(topUp('preparing'));
	await settled();
	expect(room.payment?.state).toBe('waiting');
});

test('money for another top-up is not for this one', () => {
	news({ top_up_id: 'other', payment: payment('paid') });
	expect(room.payment?.state).toBe('waiting');
	expect(paid).not.toHaveBeenCalled();
});

test('a top-up that was paid before is no news', async () => {
	stop();
	GET.mockResolvedValue(topUp('paid'));
	const again = new TopUpRoom('mine', { status: 'open', on: () => () => {}, onReload: () => () => {} } as unknown as Live);
	again.onPaid = paid;
	stop = again.run();
	await settled();
	expect(again.payment?.state).toBe('paid');
	expect(paid).not.toHaveBeenCalled();
});

test('what the payment sheet answered is left to the server to check', async () => {
	POST.mockResolvedValue(payment('checking'));
	await room.checkout({ razorpay_order_id: 'order', razorpay_payment_id: 'payment', razorpay_signature: 'signature' });
	expect(room.payment?.state).toBe('checking');
	expect(paid).not.toHaveBeenCalled();
});
