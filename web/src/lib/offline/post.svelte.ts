// The phone's outbox at work: what waits is state for the screen, what is due goes through the typed client.
import { apiOf, bytesOf, take, type Schemas } from '#lib/api/client.ts';
import { asProblem, Problem } from '#lib/api/problem.ts';
import { Outbox, type Courier, type Item, type Outcome, type Sent } from './outbox.ts';
import { openStore, type Store, type Take } from './store.ts';

type SentHandler = (item: Item, sent: Sent) => void;

/** Runs `work` in one tab at a time, for as long as that tab lives: what an earlier page left is taken up once. */
function ofOneTab(work: () => Promise<void>): Promise<void> {
	if (!('locks' in navigator)) return work();
	return navigator.locks.request('outbox', async () => {
		await work();
		await new Promise<never>(() => {});
	});
}

class Post implements Courier {
	items = $state.raw<readonly Item[]>([]);
	#handlers = new Set<SentHandler>();
	#opened: Promise<{ store: Store; outbox: Outbox }> | undefined;

	/** Opens the store once, takes up what is left from before, and tries again whenever the network comes back. */
	#open() {
		this.#opened ??= (async () => {
			const store = await openStore();
			const outbox = new Outbox(store, this);
			window.addEventListener('online', () => void outbox.flush());
			void ofOneTab(() => outbox.resume());
			return { store, outbox };
		})();
		return this.#opened;
	}

	async start(): Promise<void> {
		await this.#open();
	}

	async add(item: Item): Promise<boolean> {
		return (await this.#open()).outbox.add(item);
	}

	async retry(id: string): Promise<void> {
		await (await this.#open()).outbox.retry(id);
	}

	async remove(id: string): Promise<void> {
		await (await this.#open()).outbox.remove(id);
	}

	async store(): Promise<Store> {
		return (await this.#open()).store;
	}

	/** Recordings that were begun in this visit and neither sent nor deleted: the page was closed while they ran. */
	async unfinished(visit: string): Promise<Take[]> {
		const { store } = await this.#open();
		const [takes, items] = await Promise.all([store.takes(), store.items()]);
		const waiting = new Set(items.map((i) => i.id));
		return takes.filter((one) => one.visit === visit && !waiting.has(one.id));
	}

	/** Calls `handle` when the server has taken an item, until the answer is called. */
	onSent(handle: SentHandler): () => void {
		this.#handlers.add(handle);
		return () => this.#handlers.delete(handle);
	}

	async send(item: Item): Promise<Outcome> {
		try {
			return { sent: await this.#deliver(item) };
		} catch (thrown) {
			const problem = asProblem(thrown);
			if (!problem.passes) return { refused: problem.slug };
			return { wait: true, ...(problem.retryAfterMs ? { afterMs: problem.retryAfterMs } : {}) };
		}
	}

	later(ms: number, run: () => void): () => void {
		const timer = setTimeout(run, ms);
		return () => clearTimeout(timer);
	}

	changed(items: readonly Item[]): void {
		this.items = items;
	}

	sent(item: Item, sent: Sent): void {
		this.#handlers.forEach((handle) => handle(item, sent));
	}

	async #deliver(item: Item): Promise<Sent> {
		const api = apiOf(item.side);
		const path = { id: item.visit };
		if (item.kind === 'message') {
			const { id: client_id, text, via, product } = item;
			const body = { client_id, text, via, ...(product ? { product_id: product } : {}) };
			return { kind: 'said', said: await take(api.POST('/visits/{id}/messages', { params: { path }, body })) };
		}
		if (item.kind === 'offer') {
			const body = { client_id: item.id, ...item.offer };
			return { kind: 'offer', offer: await take(api.POST('/visits/{id}/offers', { params: { path }, body })) };
		}
		return { kind: 'message', message: await this.#upload(item) };
	}

	async #upload(item: Item & { kind: 'recording' }): Promise<Schemas['Message']> {
		const { store } = await this.#open();
		const sound = await store.sound(item.id, item.type);
		if (!sound) throw new Problem('bad-request', 400);
		const query = {
			client_id: item.id,
			expecting: item.expecting,
			...(item.product ? { product_id: item.product } : {})
		};
		return take(
			apiOf(item.side).POST('/visits/{id}/recordings', {
				params: { path: { id: item.visit }, query },
				...bytesOf(sound, item.type)
			})
		);
	}
}

export const post = new Post();
