// Data of a page: what was loaded, what went wrong, loading again.
import { asProblem, type Problem } from './problem.ts';

/** One thing from the server. What was loaded last stays on screen while it is loaded again. */
export class Loaded<T> {
	value = $state.raw<T>();
	problem = $state.raw<Problem>();
	busy = $state(false);
	#load: () => Promise<T>;
	#latest = 0;

	constructor(load: () => Promise<T>) {
		this.#load = load;
	}

	async reload(): Promise<void> {
		const mine = ++this.#latest;
		this.busy = true;
		try {
			const value = await this.#load();
			if (mine !== this.#latest) return;
			[this.value, this.problem] = [value, undefined];
		} catch (thrown) {
			if (mine === this.#latest) this.problem = asProblem(thrown);
		} finally {
			if (mine === this.#latest) this.busy = false;
		}
	}
}

interface Page<T> {
	items: T[];
	next?: string | null;
}

/** A list that is loaded page by page, newest first. */
export class Pages<T extends { id: string }> {
	items = $state.raw<T[]>([]);
	next = $state<string>();
	problem = $state.raw<Problem>();
	busy = $state(false);
	/** Whether the first page has come. */
	ready = $state(false);
	#load: (before: string | undefined) => Promise<Page<T>>;
	#latest = 0;
	/** What was put in or taken out while a page was on its way: the page may have been read before that. */
	#meanwhile = new Map<string, T | undefined>();

	constructor(load: (before: string | undefined) => Promise<Page<T>>) {
		this.#load = load;
	}

	/** Loads the first page anew. */
	async reload(): Promise<void> {
		await this.#fetch(undefined);
	}

	async more(): Promise<void> {
		if (this.next && !this.busy) await this.#fetch(this.next);
	}

	/** Puts a changed or new item into the list: in its place, else on top. */
	upsert(item: T, onTop = false): void {
		this.#meanwhile.set(item.id, item);
		const known = this.items.some((i) => i.id === item.id);
		if (known && !onTop) this.items = this.items.map((i) => (i.id === item.id ? item : i));
		else this.items = [item, ...this.items.filter((i) => i.id !== item.id)];
	}

	/** Takes an item out of the list. */
	remove(id: string): void {
		this.#meanwhile.set(id, undefined);
		this.items = this.items.filter((i) => i.id !== id);
	}

	async #fetch(before: string | undefined): Promise<void> {
		const mine = ++this.#latest;
		this.busy = true;
		this.#meanwhile.clear();
		try {
			const page = await this.#load(before);
			if (mine !== this.#latest) return;
			const fresh = new Set(page.items.map((i) => i.id));
			const kept = this.items.filter((i) => !fresh.has(i.id) && (before || this.#meanwhile.has(i.id)));
			const news = (i: T) => (this.#meanwhile.has(i.id) ? this.#meanwhile.get(i.id) : i);
			this.items = [...kept, ...page.items.map(news).filter((i) => i !== undefined)];
			[this.next, this.problem, this.ready] = [page.next ?? undefined, undefined, true];
		} catch (thrown) {
			if (mine === this.#latest) this.problem = asProblem(thrown);
		} finally {
			if (mine === this.#latest) this.busy = false;
		}
	}
}

/** One act at a time: whether it is under way, and why it failed. */
export class Doing {
	busy = $state(false);
	problem = $state.raw<Problem>();

	/** Runs the act; answers whether it succeeded. A second tap while the first is under way does nothing. */
	async run(act: () => Promise<void>): Promise<boolean> {
		if (this.busy) return false;
		[this.busy, this.problem] = [true, undefined];
		try {
			await act();
			return true;
		} catch (thrown) {
			this.problem = asProblem(thrown);
			return false;
		} finally {
			this.busy = false;
		}
	}
}
