// One thing from the server that events tell of as well.

/** Reads it, one read at a time. What was being read when news of it came may be from before them: it is thrown away and read anew. */
export class Reader<T> {
	#read: () => Promise<T>;
	#put: (value: T) => void;
	#old = false;
	#running: Promise<void> | undefined;

	constructor(read: () => Promise<T>, put: (value: T) => void) {
		[this.#read, this.#put] = [read, put];
	}

	/** Reads what it is from now on. */
	run(): Promise<void> {
		this.#old = true;
		return (this.#running ??= this.#loop().finally(() => (this.#running = undefined)));
	}

	/** There are news: where something is being read, it is read again. */
	news(): void {
		this.#old = true;
	}

	async #loop(): Promise<void> {
		while (this.#old) {
			this.#old = false;
			const value = await this.#read();
			if (!this.#old) this.#put(value);
		}
	}
}
