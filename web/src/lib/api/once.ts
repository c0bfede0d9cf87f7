// What is sent may have come through though its answer was lost: the same content goes out under the same id.
import { newId } from './client.ts';

/** Where an id outlives the page, and for how long it is worth anything. */
interface Kept {
	key: string;
	msMax: number;
}

interface Sent {
	content: string;
	id: string;
	at: number;
}

export class Once {
	#sent: Sent | undefined;
	#kept: Kept | undefined;

	/** With somewhere to be kept, the page may be loaded again in between. */
	constructor(kept?: Kept) {
		this.#kept = kept;
	}

	/** The id of this content: that of the last time, where nothing was changed since. */
	idOf(content: object, now = Date.now()): string {
		const written = JSON.stringify(content);
		let sent = this.#sent ?? this.#read();
		const old = this.#kept && sent && !(now >= sent.at && now - sent.at < this.#kept.msMax);
		if (!sent || old || sent.content !== written) {
			sent = { content: written, id: newId(), at: now };
			this.#write(sent);
		}
		this.#sent = sent;
		return sent.id;
	}

	/** The answer has come: what is sent next is something else. */
	done() {
		this.#sent = undefined;
		this.#write(undefined);
	}

	#read(): Sent | undefined {
		try {
			const { content, id, at } = JSON.parse((this.#kept && sessionStorage.getItem(this.#kept.key)) || '{}');
			return typeof content === 'string' && typeof id === 'string' && typeof at === 'number' ? { content, id, at } : undefined;
		} catch {
			return;
		}
	}

	#write(sent: Sent | undefined) {
		if (!this.#kept) return;
		try {
			if (sent) sessionStorage.setItem(this.#kept.key, JSON.stringify(sent));
			else sessionStorage.removeItem(this.#kept.key);
		} catch {
			// The browser keeps nothing: the page itself still does.
		}
	}
}
