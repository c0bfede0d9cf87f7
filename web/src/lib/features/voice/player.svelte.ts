// One voice at a time: the speech of messages and read-backs, made by the server, at the speed the listener likes.
import { asProblem, type Slug } from '#lib/api/problem.ts';

export const RATES = [1, 1.5, 2] as const;
const STORED = 'playback-rate';
/** How many sounds are kept for playing again. */
const KEPT_MAX = 30;

/** What can be played: an id for "is this one playing", and where its sound comes from. */
export interface Sound {
	id: string;
	fetch: () => Promise<Blob>;
}

class Player {
	/** The id that is being fetched or played. */
	current = $state<string>();
	loading = $state(false);
	/** How far the current sound is, 0–1. */
	progress = $state(0);
	rate = $state<number>(storedRate());
	/** The id whose sound could not be had, and why. */
	failed = $state<{ id: string; slug: Slug }>();
	#element: HTMLAudioElement | undefined;
	#kept = new Map<string, string>();
	#queue: Sound[] = [];

	/** Lets sound out later without a tap: browsers want one tap first. For a click handler. */
	unlock(): void {
		const element = this.#audio();
		if (element.src) return;
		element.src = URL.createObjectURL(silence());
		void element.play().catch(() => {});
	}

	/** Plays the sound, or stops it where it is playing. */
	toggle(sound: Sound): void {
		if (this.current === sound.id) this.stop();
		else void this.play(sound);
	}

	/** Plays the sound after those before it. Nothing is said where the browser wants a tap first. */
	enqueue(sound: Sound): void {
		if (this.current === undefined) void this.play(sound);
		else if (!this.#queue.some((s) => s.id === sound.id)) this.#queue.push(sound);
	}

	async play(sound: Sound): Promise<void> {
		this.stop();
		this.failed = undefined;
		this.current = sound.id;
		this.loading = true;
		try {
			const url = await this.#urlOf(sound);
			if (this.current !== sound.id) return;
			const element = this.#audio();
			element.src = url;
			element.playbackRate = this.rate;
			await element.play();
		} catch (thrown) {
			if (this.current !== sound.id) return;
			this.#end();
			// A browser that wants a tap first, or a sound replaced by the next one, is no trouble of the sound.
			if (!(thrown instanceof DOMException)) this.failed = { id: sound.id, slug: asProblem(thrown).slug };
		} finally {
			if (this.current === sound.id) this.loading = false;
		}
	}

	stop(): void {
		this.#queue = [];
		this.#element?.pause();
		this.#reset();
	}

	/** The next speed, round and round. */
	nextRate(): void {
		const next = RATES[(RATES.indexOf(this.rate as 1) + 1) % RATES.length] ?? 1;
		this.rate = next;
		if (this.#element) this.#element.playbackRate = next;
		try {
			localStorage.setItem(STORED, String(next));
		} catch {
			// The choice then lasts as long as the page.
		}
	}

	async #urlOf(sound: Sound): Promise<string> {
		const known = this.#kept.get(sound.id);
		if (known) return known;
		const url = URL.createObjectURL(await sound.fetch());
		this.#kept.set(sound.id, url);
		const [oldest] = this.#kept;
		if (this.#kept.size > KEPT_MAX && oldest) {
			URL.revokeObjectURL(oldest[1]);
			this.#kept.delete(oldest[0]);
		}
		return url;
	}

	#audio(): HTMLAudioElement {
		if (this.#element) return this.#element;
		const element = new Audio();
		element.onended = () => this.#end();
		element.ontimeupdate = () => {
			const known = Number.isFinite(element.duration) && element.duration > 0;
			this.progress = known ? element.currentTime / element.duration : 0;
		};
		return (this.#element = element);
	}

	#end(): void {
		this.#reset();
		const next = this.#queue.shift();
		if (!next) return;
		const rest = this.#queue;
		void this.play(next);
		this.#queue = rest;
	}

	#reset(): void {
		[this.current, this.loading, this.progress] = [undefined, false, 0];
	}
}

function storedRate(): number {
	try {
		const stored = Number(localStorage.getItem(STORED));
		return RATES.find((r) => r === stored) ?? 1;
	} catch {
		return 1;
	}
}

/** Two samples of nothing, as WAV. */
function silence(): Blob {
	const header = [0x46464952, 40, 0x45564157, 0x20746d66, 16, 0x10001, 8000, 16000, 0x100002, 0x61746164, 4, 0];
	return new Blob([Uint32Array.from(header)], { type: 'audio/wav' });
}

export const player = new Player();
