// One order as one side sees it, kept current by events.
import { apiOf, newId, take, type Api, type Schemas, type Side } from '#lib/api/client.ts';
import { asProblem, type Problem } from '#lib/api/problem.ts';
import { Reader } from '#lib/api/reader.ts';
import type { Live } from '#lib/realtime/live.svelte.ts';
import type { RefundAsk } from './refund.ts';

/** While money is on its way and the socket is down, the server is asked this often. */
const POLL_MS = 4_000;

export class OrderRoom {
	readonly id: string;
	readonly side: Side;
	order = $state.raw<Schemas['Order']>();
	problem = $state.raw<Problem>();
	/** Called once when the money has come while the page was open. */
	onPaid: () => void = () => {};
	#live: Live;
	#reader = new Reader(
		() => take(this.#api.GET('/orders/{id}', { params: this.#params })),
		(order) => this.#set(order)
	);
	#api: Api;
	#received = newId();

	constructor(side: Side, id: string, live: Live) {
		[this.side, this.id, this.#live, this.#api] = [side, id, live, apiOf(side)];
	}

	get payment(): Schemas['Payment'] | undefined {
		return this.order?.payment;
	}

	run(): () => void {
		const stops = [
			this.#live.onReload(() => void this.load()),
			this.#live.on('order', (card) => card.id === this.id && void this.load()),
			this.#live.on('payment', (payment) => payment.order_id === this.id && this.#takePayment(payment)),
			this.#live.on('document', (document) => document.order_id === this.id && void this.load())
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

	async handOver(): Promise<void> {
		this.#set(await take(this.#api.POST('/orders/{id}/hand-over', { params: this.#params })));
	}

	async cancel(): Promise<void> {
		this.#set(await take(this.#api.POST('/orders/{id}/cancel', { params: this.#params })));
	}

	/** What the vendor can give back of the money; nothing before it came or once it is back. */
	get refundable(): RefundAsk | undefined {
		if (this.side !== 'vendor' || this.payment?.state !== 'paid' || !this.order?.document) return undefined;
		const { amount, refunded, refunding, disputed } = this.payment;
		const left = amount.minor - (refunded?.minor ?? 0) - (refunding?.minor ?? 0) - (disputed?.minor ?? 0);
		return left > 0 ? { preview: (what) => this.#preview(what), give: (refund) => this.#give(refund) } : undefined;
	}

	async #preview(what: Schemas['RefundOf']): Promise<Schemas['RefundPreview']> {
		return take(this.#api.POST('/orders/{id}/refunds/preview', { params: this.#params, body: { what } }));
	}

	async #give(body: Schemas['NewRefund']): Promise<void> {
		this.#set(await take(this.#api.POST('/orders/{id}/refunds', { params: this.#params, body })));
	}

	/** The state that the goods are delivered to, by its code. */
	async deliverTo(state: string): Promise<void> {
		const body = { state_code: state };
		this.#set(await take(this.#api.PUT('/orders/{id}/place-of-supply', { params: this.#params, body })));
	}

	/** Whom the bill names as the buyer; nobody where nothing is given. */
	async nameRecipient(recipient: Schemas['Recipient'] | undefined): Promise<void> {
		const call = recipient
			? this.#api.PUT('/orders/{id}/recipient', { params: this.#params, body: recipient })
			: this.#api.DELETE('/orders/{id}/recipient', { params: this.#params });
		this.#set(await take(call));
	}

	/** The unpaid order on paper, with the code to scan. */
	async paymentRequest(language: Schemas['Language']): Promise<Blob> {
		const params = { ...this.#params, query: { language } };
		return (await take(this.#api.GET('/orders/{id}/payment-request.pdf', { params, parseAs: 'blob' }))) as Blob;
	}

	/** The vendor's word that the money has come. */
	async received(method: 'upi' | 'cash'): Promise<void> {
		const seen = this.payment?.intent_id;
		const body = { client_id: this.#received, method, ...(seen ? { intent_id: seen } : {}) };
		this.#takePayment(
			await take(this.#api.POST('/orders/{id}/payment/received', { params: this.#params, body }))
		);
	}

	/** What the gateway's checkout answered; the server asks the gateway whether it is so. */
	async checkout(answer: Schemas['CheckoutAnswer']): Promise<void> {
		this.#takePayment(
			await take(this.#api.POST('/orders/{id}/payment/checkout', { params: this.#params, body: answer }))
		);
	}

	async returned(): Promise<void> {
		this.#takePayment(await take(this.#api.POST('/orders/{id}/payment/returned', { params: this.#params })));
	}

	get #params() {
		return { path: { id: this.id } };
	}

	#set(order: Schemas['Order']): void {
		const before = this.order?.payment.state;
		this.order = order;
		if (before && before !== 'paid' && order.payment.state === 'paid') this.onPaid();
	}

	#takePayment(payment: Schemas['Payment']): void {
		this.#reader.news();
		if (!this.order) return;
		this.#set({ ...this.order, payment });
		if (payment.state === 'paid' || payment.state === 'refunded') void this.load();
	}
}
