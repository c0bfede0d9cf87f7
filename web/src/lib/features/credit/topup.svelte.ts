// One top-up, kept current by events until its money is there.
import { take, vendorApi, type Schemas } from '#lib/api/client.ts';
import { asProblem, type Problem } from '#lib/api/problem.ts';
import { Reader } from '#lib/api/reader.ts';
import type { Payable } from '#lib/features/pay/payable.ts';
import type { Live } from '#lib/realtime/live.svelte.ts';

/** While money is on its way and the socket is down, the server is asked this often. */
const POLL_MS = 4_000;

export class TopUpRoom implements Payable {
	readonly id: string;
	topUp = $state.raw<Schemas['TopUp']>();
	problem = $state.raw<Problem>();
	/** Called once when the money has come while the page was open. */
	onPaid: () => void = () => {};
	#live: Live;
	#reader = new Reader(
		() => take(vendorApi.GET('/credit/top-ups/{id}', { params: this.#params })),
		(topUp) => this.#set(topUp)
	);

	constructor(id: string, live: Live) {
		[this.id, this.#live] = [id, live];
	}

	get payment(): Schemas['Payment'] | undefined {
		return this.topUp?.payment;
	}

	run(): () => void {
		const stops = [
			this.#live.onReload(() => void this.load()),
			// What an operator said of money paid by hand comes with the news of the credit.
			this.#live.on('credit', () => this.topUp?.by_hand && void this.load()),
			this.#live.on('top_up', ({ top_up_id, payment }) => top_up_id === this.id && this.#takePayment(payment))
		];
		void this.load();
		const poll = setInterval(() => this.#live.status !== 'open' && !document.hidden && void this.load(), POLL_MS);
		return () => {
			stops.forEach((stop) => stop());
			clearInterval(poll);
		};
	}

	async load(): Promise<void> {
		try {
			await this.#reader.run();
			this.problem = undefined;
		} catch (thrown) {
			this.problem = asProblem(thrown);
		}
	}

	/** The vendor has said that it is paid. */
	said(topUp: Schemas['TopUp']): void {
		this.#set(topUp);
	}

	/** What the gateway's checkout answered; the server asks the gateway whether it is so. */
	async checkout(answer: Schemas['CheckoutAnswer']): Promise<void> {
		const call = vendorApi.POST('/credit/top-ups/{id}/payment/checkout', { params: this.#params, body: answer });
		this.#takePayment(await take(call));
	}

	async returned(): Promise<void> {
		this.#takePayment(await take(vendorApi.POST('/credit/top-ups/{id}/payment/returned', { params: this.#params })));
	}

	get #params() {
		return { path: { id: this.id } };
	}

	#takePayment(payment: Schemas['Payment']): void {
		this.#reader.news();
		if (!this.topUp) return;
		this.#set({ ...this.topUp, payment });
		if (payment.state === 'paid') void this.load();
	}

	#set(topUp: Schemas['TopUp']): void {
		const before = this.payment?.state;
		this.topUp = topUp;
		if (before && before !== 'paid' && this.payment?.state === 'paid') this.onPaid();
	}
}
