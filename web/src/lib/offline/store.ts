// What must survive a reload: unsent messages and recordings, in IndexedDB. Where the browser denies it, in memory.
import type { DBSchema, IDBPDatabase } from 'idb';
import type { Item } from './outbox.ts';

/** One second of a recording. */
export interface Chunk {
	recording: string;
	n: number;
	data: Blob;
}

/** A recording as it was begun; its sound is in its chunks. */
export interface Take {
	id: string;
	visit: string;
	side: 'buyer' | 'vendor';
	type: string;
	startedAt: number;
	ms: number;
}

interface Schema extends DBSchema {
	outbox: { key: string; value: Item };
	takes: { key: string; value: Take };
	chunks: { key: [string, number]; value: Chunk; indexes: { recording: string } };
}

export interface Store {
	items(): Promise<Item[]>;
	putItem(item: Item): Promise<void>;
	removeItem(id: string): Promise<void>;
	takes(): Promise<Take[]>;
	putTake(take: Take): Promise<void>;
	addChunk(chunk: Chunk): Promise<void>;
	/** The sound so far; nothing where no chunk came. */
	sound(recording: string, type: string): Promise<Blob | undefined>;
	/** Forgets a recording and its sound. */
	removeTake(recording: string): Promise<void>;
}

const join = (chunks: Chunk[], type: string): Blob | undefined =>
	chunks.length === 0
		? undefined
		: new Blob(
				chunks.sort((a, b) => a.n - b.n).map((c) => c.data),
				{ type }
			);

class Kept implements Store {
	#db: IDBPDatabase<Schema>;
	constructor(db: IDBPDatabase<Schema>) {
		this.#db = db;
	}
	items = () => this.#db.getAll('outbox');
	async putItem(item: Item) {
		await this.#db.put('outbox', item);
	}
	removeItem = (id: string) => this.#db.delete('outbox', id);
	takes = () => this.#db.getAll('takes');
	async putTake(take: Take) {
		await this.#db.put('takes', take);
	}
	async addChunk(chunk: Chunk) {
		await this.#db.put('chunks', chunk);
	}
	async sound(recording: string, type: string) {
		return join(await this.#db.getAllFromIndex('chunks', 'recording', recording), type);
	}
	async removeTake(recording: string) {
		const work = this.#db.transaction(['takes', 'chunks'], 'readwrite');
		const keys = await work.objectStore('chunks').index('recording').getAllKeys(recording);
		await Promise.all([
			work.objectStore('takes').delete(recording),
			...keys.map((key) => work.objectStore('chunks').delete(key)),
			work.done
		]);
	}
}

/** Lasts as long as the page. */
export class Fleeting implements Store {
	#items = new Map<string, Item>();
	#takes = new Map<string, Take>();
	#chunks: Chunk[] = [];
	items = async () => [...this.#items.values()];
	async putItem(item: Item) {
		this.#items.set(item.id, item);
	}
	async removeItem(id: string) {
		this.#items.delete(id);
	}
	takes = async () => [...this.#takes.values()];
	async putTake(take: Take) {
		this.#takes.set(take.id, take);
	}
	async addChunk(chunk: Chunk) {
		this.#chunks.push(chunk);
	}
	async sound(recording: string, type: string) {
		return join(
			this.#chunks.filter((c) => c.recording === recording),
			type
		);
	}
	async removeTake(recording: string) {
		this.#takes.delete(recording);
		this.#chunks = this.#chunks.filter((c) => c.recording !== recording);
	}
}

/** The phone's store. */
export async function openStore(): Promise<Store> {
	try {
		// The first paint does without it.
		const { openDB } = await import('idb');
		const db = await openDB<Schema>('vyapar', 1, {
			upgrade(fresh) {
				fresh.createObjectStore('outbox', { keyPath: 'id' });
				fresh.createObjectStore('takes', { keyPath: 'id' });
				fresh.createObjectStore('chunks', { keyPath: ['recording', 'n'] }).createIndex('recording', 'recording');
			}
		});
		return new Kept(db);
	} catch {
		return new Fleeting();
	}
}
