// A visit as one side sees it: loaded once, kept current by events, with what this phone has said and not sent yet.
import { apiOf, newId, take, type Api, type Schemas, type Side } from '#lib/api/client.ts';
import { asProblem, type Problem } from '#lib/api/problem.ts';
import { post } from '#lib/offline/post.svelte.ts';
import type { Item, Sent } from '#lib/offline/outbox.ts';
import type { Live } from '#lib/realtime/live.svelte.ts';
import type { Signal } from '#lib/realtime/socket.ts';
import type { Unit } from '#lib/format/quantity.ts';
import type { Language } from '#lib/i18n/languages.ts';
import { isLive, mergeMessages, reachedUpTo, standingOf, withOffer } from './history.ts';

type Visit = Schemas['Visit'];
type Message = Schemas['Message'];
type Offer = Schemas['Offer'];
type ReadBack = Schemas['ReadBack'];

/** A signal older than this says nothing any more. */
const SIGNAL_LASTS_MS = 5_000;
const SIGNAL_EVERY_MS = 3_000;
const POLL_MS = 8_000;

export class VisitRoom {
	readonly id: string;
	readonly side: Side;
	visit = $state.raw<Visit>();
	messages = $state.raw<readonly Message[]>([]);
	/** The next page of older messages, where there is one. */
	older = $state<string>();
	readBack = $state.raw<ReadBack>();
	problem = $state.raw<Problem>();
	/** What the other side does right now. */
	theirs = $state<'typing' | 'recording' | 'heard'>();
	/** The product that is talked about; the first one until somebody chooses. */
	productId = $state<string>();
	/** Called for each message of the other side or the app that has become readable while the page was open. */
	onHeard: (message: Message) => void = () => {};
	#api: Api;
	#live: Live;
	#fade: ReturnType<typeof setTimeout> | undefined;
	#signalled = { kind: '', at: 0 };
	#spoken = new Set<string>();

	constructor(side: Side, id: string, live: Live) {
		[this.side, this.id, this.#live, this.#api] = [side, id, live, apiOf(side)];
	}

	get offers(): readonly Offer[] {
		return this.visit?.offers ?? [];
	}
	get standing(): Offer | undefined {
		return standingOf(this.offers, this.productId);
	}
	/** Other products' offers that wait for an answer too. */
	get alsoStanding(): readonly Offer[] {
		return this.offers.filter((o) => isLive(o) && o.id !== this.standing?.id);
	}
	get product(): Schemas['VisitProduct'] | undefined {
		const products = this.visit?.products ?? [];
		return products.find((p) => p.id === this.productId) ?? products[0];
	}
	get myLanguage(): Language {
		const visit = this.visit;
		return (this.side === 'buyer' ? visit?.buyer_language : visit?.vendor_language) ?? 'en';
	}
	get waiting(): readonly Item[] {
		const known = new Set(this.messages.map((m) => m.client_id));
		return post.items.filter((i) => i.visit === this.id && i.side === this.side && !known.has(i.id));
	}
	/** Whether anything can be said: also to a buyer who has walked away, and by one who comes back. */
	get open(): boolean {
		return this.visit !== undefined && this.visit.state !== 'closed';
	}
	get left(): boolean {
		return this.visit?.state === 'left';
	}

	/** Listens until the answer is called. */
	run(): () => void {
		const live = this.#live;
		const mine = (data: { visit_id: string }) => data.visit_id === this.id;
		const stops = [
			live.onReload(() => void this.load()),
			live.on('visit', (data) => data.id === this.id && this.#takeVisit(data)),
			live.on('message', (data) => mine(data) && this.#takeMessages([data], true)),
			live.on('offer', (data) => mine(data) && this.#takeOffer(data)),
			live.on('read_back', (data) => mine(data) && this.#takeReadBack(data)),
			live.on('order', (data) => mine(data) && this.#patch({ order: data })),
			live.on('product', () => void this.#refresh()),
			live.onSignal((signal) => this.#takeSignal(signal)),
			post.onSent((item, sent) => item.visit === this.id && this.#takeSent(sent))
		];
		void this.load();
		// Where the socket cannot be had (a proxy that knows none), the screen still moves.
		const poll = setInterval(() => live.status !== 'open' && !document.hidden && void this.load(), POLL_MS);
		return () => {
			stops.forEach((stop) => stop());
			clearInterval(poll);
			clearTimeout(this.#fade);
		};
	}

	async load(): Promise<void> {
		const params = this.#params;
		try {
			const [visit, page] = await Promise.all([
				take(this.#api.GET('/visits/{id}', { params })),
				take(this.#api.GET('/visits/{id}/messages', { params: { ...params, query: { limit: 50 } } }))
			]);
			this.#setVisit(visit);
			const first = this.messages.length === 0;
			if (first) page.items.forEach((m) => this.#spoken.add(m.id));
			this.#takeMessages(page.items, !first);
			if (first) this.older = page.next ?? undefined;
			this.problem = undefined;
		} catch (thrown) {
			this.problem = asProblem(thrown);
		}
	}

	async loadOlder(): Promise<void> {
		if (!this.older) return;
		const params = { path: { id: this.id }, query: { limit: 50, before: this.older } };
		const page = await take(this.#api.GET('/visits/{id}/messages', { params }));
		page.items.forEach((m) => this.#spoken.add(m.id));
		this.#takeMessages(page.items, false);
		this.older = page.next ?? undefined;
	}

	/** Queues a text; it goes out when the network lets it. */
	say(text: string, via: 'typed' | 'browser'): Promise<boolean> {
		return post.add({ ...this.#item(), kind: 'message', text, via, ...this.#about() });
	}

	sendRecording(recording: { id: string; type: string; ms: number }, expecting: Schemas['Expecting']) {
		const { id, type, ms } = recording;
		return post.add({ ...this.#item(), id, kind: 'recording', type, ms, expecting, ...this.#about() });
	}

	offer(offer: Omit<Schemas['NewOffer'], 'client_id'>): Promise<boolean> {
		return post.add({ ...this.#item(), kind: 'offer', offer });
	}

	/** Asks the server to say the deal back; the sheet opens with it. */
	async accept(offer: Offer): Promise<void> {
		const body = { client_id: newId(), offer_id: offer.id };
		this.readBack = await take(this.#api.POST('/visits/{id}/acceptances', { params: this.#params, body }));
	}

	/** The same for the price on the product's tag. */
	async acceptTag(product_id: string, quantity: string, quantity_unit: Unit): Promise<void> {
		const body = { client_id: newId(), product_id, quantity, quantity_unit };
		this.readBack = await take(this.#api.POST('/visits/{id}/acceptances', { params: this.#params, body }));
	}

	async decline(offer: Offer): Promise<void> {
		const params = { path: { id: this.id, offer: offer.id } };
		this.#takeOffer(await take(this.#api.POST('/visits/{id}/offers/{offer}/decline', { params })));
	}

	async withdraw(offer: Offer): Promise<void> {
		const params = { path: { id: this.id, offer: offer.id } };
		this.#takeOffer(await take(this.#api.POST('/visits/{id}/offers/{offer}/withdraw', { params })));
	}

	/** Yes, or the choice of that place in the list, under the caller's id for the answer. */
	async confirm(readBack: ReadBack, clientId: string, choice?: number): Promise<Schemas['Settled']> {
		const body = { client_id: clientId, ...(choice === undefined ? {} : { choice }) };
		const params = { path: { id: this.id, read_back: readBack.id } };
		const settled = await take(this.#api.POST('/visits/{id}/read-backs/{read_back}/confirm', { params, body }));
		if (this.readBack?.id === readBack.id) this.readBack = settled.read_back;
		if (settled.offer) this.#takeOffer(settled.offer);
		if (settled.order) this.#patch({ order: settled.order });
		return settled;
	}

	async dismiss(readBack: ReadBack): Promise<void> {
		const params = { path: { id: this.id, read_back: readBack.id } };
		await take(this.#api.POST('/visits/{id}/read-backs/{read_back}/dismiss', { params }));
		if (this.readBack?.id === readBack.id) this.readBack = undefined;
		await this.#refresh();
	}

	async speakIn(language: Language): Promise<void> {
		this.#setVisit(await take(this.#api.PATCH('/visits/{id}', { params: this.#params, body: { language } })));
		this.messages = [];
		await this.load();
	}

	async leave(): Promise<void> {
		this.#setVisit(await take(this.#api.POST('/visits/{id}/leave', { params: this.#params })));
	}

	/** Tells the other side what is being done, at most every few seconds. */
	hint(kind: 'typing' | 'recording'): void {
		const now = performance.now();
		if (this.#signalled.kind === kind && now - this.#signalled.at < SIGNAL_EVERY_MS) return;
		this.#signalled = { kind, at: now };
		this.#live.signal({ kind, visit_id: this.id });
	}

	/** Tells the other side that its newest message has been seen. */
	markSeen(): void {
		const last = this.messages.findLast((m) => m.by !== this.side);
		if (last && !last.seen) this.#live.signal({ kind: 'seen', visit_id: this.id, message_id: last.id });
	}

	get #params() {
		return { path: { id: this.id } };
	}

	#item() {
		return { id: newId(), visit: this.id, side: this.side, at: Date.now(), state: 'queued' as const };
	}

	#about() {
		return this.product ? { product: this.product.id } : {};
	}

	#setVisit(visit: Visit): void {
		this.visit = visit;
		this.readBack = visit.read_back ?? undefined;
	}

	/** A vendor is told of the card: what of it this screen shows. */
	#takeVisit(data: Visit | Schemas['VisitCard']): void {
		if ('products' in data) return this.#setVisit(data);
		const { state, buyer_language, order } = data;
		this.#patch({ state, buyer_language, ...(order ? { order } : {}) });
	}

	/** A question that was answered, here or in another tab, is over. */
	#takeReadBack(data: ReadBack): void {
		if (data.open) this.readBack = data;
		else if (this.readBack?.id === data.id) this.readBack = undefined;
	}

	async #refresh(): Promise<void> {
		try {
			this.#setVisit(await take(this.#api.GET('/visits/{id}', { params: this.#params })));
		} catch {
			// What is on screen stays; the next event or the next welcome brings it up to date.
		}
	}

	#takeMessages(incoming: readonly Message[], live: boolean): void {
		this.messages = mergeMessages(this.messages, incoming);
		if (!live) return;
		for (const message of incoming) {
			if (message.by === this.side || message.state !== 'heard' || this.#spoken.has(message.id)) continue;
			this.#spoken.add(message.id);
			this.theirs = undefined;
			this.#live.signal({ kind: 'heard', visit_id: this.id, message_id: message.id });
			this.onHeard(message);
		}
	}

	#takeOffer(offer: Offer): void {
		if (this.visit) this.#patch({ offers: withOffer(this.visit.offers, offer) });
		if (offer.by !== this.side && isLive(offer)) this.productId = offer.product_id;
	}

	#takeSent(sent: Sent): void {
		if (sent.kind === 'offer') return this.#takeOffer(sent.offer);
		if (sent.kind === 'message') return this.#takeMessages([sent.message], false);
		const { message, offer, read_back, order } = sent.said;
		this.#takeMessages([message], false);
		if (offer) this.#takeOffer(offer);
		if (order) this.#patch({ order });
		if (read_back) this.#takeReadBack(read_back);
	}

	#takeSignal(signal: Signal): void {
		if (signal.visit_id !== this.id || signal.by === this.side) return;
		if (signal.kind === 'seen' || signal.kind === 'heard') {
			this.messages = reachedUpTo(this.messages, this.side, signal.message_id, signal.kind);
			if (signal.kind === 'seen') return;
		}
		this.theirs = signal.kind;
		clearTimeout(this.#fade);
		this.#fade = setTimeout(() => (this.theirs = undefined), SIGNAL_LASTS_MS);
	}

	#patch(change: Partial<Visit>): void {
		if (this.visit) this.visit = { ...this.visit, ...change };
	}
}
