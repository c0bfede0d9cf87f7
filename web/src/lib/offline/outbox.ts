// What was said and has not reached the server yet.
//
// Invariants: an item is in the store before `add` answers and leaves it only when the server has it or its maker deletes it;
// items of one visit go out in the order they were made; each carries the client id under which the server takes it once.
// Deliberately absent: the network and the browser (`Courier`), and what a bubble looks like.
import type { Schemas, Side } from '#lib/api/client.ts';
import type { Slug } from '#lib/api/problem.ts';
import type { Store } from './store.ts';

interface Common {
	/** The client id. */
	id: string;
	visit: string;
	side: Side;
	/** Milliseconds since 1970, for the order. */
	at: number;
	state: 'queued' | 'sending' | 'failed';
	/** Why the server would not have it. */
	problem?: Slug;
}
export type Item = Common &
	(
		| { kind: 'message'; text: string; via: 'typed' | 'browser'; product?: string }
		| {
				kind: 'recording';
				type: string;
				ms: number;
				expecting: Schemas['Expecting'];
				product?: string;
		  }
		| { kind: 'offer'; offer: Omit<Schemas['NewOffer'], 'client_id'> }
	);

export type Sent =
	| { kind: 'said'; said: Schemas['Said'] }
	| { kind: 'message'; message: Schemas['Message'] }
	| { kind: 'offer'; offer: Schemas['Offer'] };

/** How an attempt ended: sent, put off (network, load), or refused for good. */
export type Outcome = { sent: Sent } | { wait: true; afterMs?: number } | { refused: Slug };

export interface Courier {
	send(item: Item): Promise<Outcome>;
	later(ms: number, run: () => void): () => void;
	changed(items: readonly Item[]): void;
	sent(item: Item, sent: Sent): void;
}

const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 30_000;
/** More than anybody says at a stall; a queue that long means that something is wrong. */
export const ITEMS_MAX = 200;

export class Outbox {
	#store: Store;
	#courier: Courier;
	#items: Item[] = [];
	#busy = false;
	#again = false;
	#attempt = 0;
	#cancelTimer: () => void = () => {};

	constructor(store: Store, courier: Courier) {
		this.#store = store;
		this.#courier = courier;
	}

	/** Takes up what an earlier page left behind. */
	async resume(): Promise<void> {
		const left = await this.#store.items();
		const known = new Set(this.#items.map((i) => i.id));
		const found = left
			.filter((i) => !known.has(i.id))
			.map((i): Item => (i.state === 'sending' ? { ...i, state: 'queued' } : i));
		this.#items = [...found, ...this.#items].sort((a, b) => a.at - b.at);
		this.#tell();
		await this.flush();
	}

	/** Keeps the item and sends it as soon as it can be. Answers `false` where too many wait already. */
	async add(item: Item): Promise<boolean> {
		if (this.#items.length >= ITEMS_MAX) return false;
		await this.#store.putItem(item);
		this.#items.push(item);
		this.#tell();
		void this.flush();
		return true;
	}

	/** Tries a refused item again. */
	async retry(id: string): Promise<void> {
		await this.#change(id, { state: 'queued' });
		await this.flush();
	}

	async remove(id: string): Promise<void> {
		const item = this.#items.find((i) => i.id === id);
		// While it is under way nobody can say whether the server has it.
		if (!item || item.state === 'sending') return;
		await this.#forget(item);
	}

	/** Sends what waits, oldest first, until the network says stop. */
	async flush(): Promise<void> {
		this.#again = true;
		if (this.#busy) return;
		this.#busy = true;
		this.#cancelTimer();
		try {
			while (this.#again) {
				this.#again = false;
				if (!(await this.#sendAll())) break;
			}
		} finally {
			this.#busy = false;
		}
	}

	async #sendAll(): Promise<boolean> {
		for (;;) {
			const item = this.#items.find((i) => i.state === 'queued');
			if (!item) return true;
			await this.#change(item.id, { state: 'sending' });
			const outcome = await this.#courier.send(item);
			if ('sent' in outcome) {
				this.#attempt = 0;
				this.#courier.sent(item, outcome.sent);
				await this.#forget(item);
			} else if ('refused' in outcome) {
				await this.#change(item.id, { state: 'failed', problem: outcome.refused });
			} else {
				await this.#change(item.id, { state: 'queued' });
				this.#putOff(outcome.afterMs);
				return false;
			}
		}
	}

	#putOff(afterMs: number | undefined): void {
		const wait = Math.max(afterMs ?? 0, Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** this.#attempt));
		this.#attempt = Math.min(this.#attempt + 1, 10);
		this.#cancelTimer();
		this.#cancelTimer = this.#courier.later(wait, () => void this.flush());
	}

	async #change(id: string, to: Partial<Common>): Promise<void> {
		const item = this.#items.find((i) => i.id === id);
		if (!item) return;
		const changed = { ...item, ...to };
		if (to.state !== 'failed') delete changed.problem;
		this.#items = this.#items.map((i) => (i.id === id ? changed : i));
		this.#tell();
		await this.#store.putItem(changed);
	}

	async #forget(item: Item): Promise<void> {
		this.#items = this.#items.filter((i) => i.id !== item.id);
		this.#tell();
		await this.#store.removeItem(item.id);
		if (item.kind === 'recording') await this.#store.removeTake(item.id);
	}

	#tell(): void {
		this.#courier.changed(this.#items);
	}
}
