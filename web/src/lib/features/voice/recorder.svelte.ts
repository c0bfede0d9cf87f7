// The microphone: hold to talk, or tap to lock. Each second of sound is stored as it comes, so that nothing said is lost.
import { newId, type Side } from '#lib/api/client.ts';
import { post } from '#lib/offline/post.svelte.ts';
import { busyRecording } from '#lib/offline/updates.svelte.ts';
import type { Take } from '#lib/offline/store.ts';

/** 24 kbit/s Opus is clear speech and fits a slow network. */
const BITS_PER_SECOND = 24_000;
const CHUNK_MS = 1_000;
/** The server takes two minutes; an utterance at a stall is far shorter. */
export const LENGTH_MS_MAX = 60_000;
/** Shorter than this is a slip of the thumb. */
export const LENGTH_MS_MIN = 400;

/** What browsers record, best first. */
const TYPES = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4;codecs=opus', 'audio/mp4'];

export type RecorderState = 'idle' | 'asking' | 'recording' | 'denied' | 'missing';

export const canRecord = (): boolean =>
	typeof MediaRecorder !== 'undefined' && navigator.mediaDevices?.getUserMedia !== undefined;

export class Recorder {
	state = $state<RecorderState>('idle');
	ms = $state(0);
	/** Loudness of the last moment, 0–1. */
	level = $state(0);
	#locked = $state(false);
	#side: Side;
	#visit: string;
	#take: Take | undefined;
	#media: MediaRecorder | undefined;
	#chunks = 0;
	#writes: Promise<unknown>[] = [];
	#meter: Meter | undefined;
	#full: () => void = () => {};
	#wanted = 0;

	constructor(side: Side, visit: string) {
		this.#side = side;
		this.#visit = visit;
	}

	get active(): boolean {
		return this.state === 'asking' || this.state === 'recording';
	}

	/** Whether it goes on without a thumb. Over as soon as the recording is, however it ended. */
	get locked(): boolean {
		return this.#locked && this.active;
	}

	lock(): void {
		this.#locked = this.active;
	}

	/** Asks for the microphone and begins. `onFull` is called when the longest recording is reached. */
	async start(onFull: () => void): Promise<void> {
		if (this.active) return;
		const wanted = ++this.#wanted;
		[this.state, this.#locked] = ['asking', false];
		this.#full = onFull;
		let stream: MediaStream;
		try {
			const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
			stream = await navigator.mediaDevices.getUserMedia({ audio });
		} catch (refusal) {
			const denied = refusal instanceof DOMException && refusal.name === 'NotAllowedError';
			this.state = denied ? 'denied' : 'missing';
			return;
		}
		// The thumb was lifted while the question was on the screen.
		if (wanted !== this.#wanted) return stopAll(stream);
		await this.#begin(stream, wanted);
	}

	async #begin(stream: MediaStream, wanted: number): Promise<void> {
		const type = TYPES.find((t) => MediaRecorder.isTypeSupported(t)) ?? '';
		const media = new MediaRecorder(stream, {
			...(type ? { mimeType: type } : {}),
			audioBitsPerSecond: BITS_PER_SECOND
		});
		const take: Take = {
			id: newId(),
			visit: this.#visit,
			side: this.#side,
			type: media.mimeType || type,
			startedAt: Date.now(),
			ms: 0
		};
		[this.#take, this.#media, this.#chunks, this.ms] = [take, media, 0, 0];
		const store = await post.store();
		if (wanted !== this.#wanted) return stopAll(stream);
		this.#writes = [store.putTake(take)];
		media.ondataavailable = ({ data }) => {
			if (data.size > 0) this.#writes.push(store.addChunk({ recording: take.id, n: this.#chunks++, data }));
		};
		this.#meter = new Meter(stream, (ms, level) => {
			[this.ms, this.level] = [ms, level];
			if (ms >= LENGTH_MS_MAX) this.#full();
		});
		media.start(CHUNK_MS);
		this.state = 'recording';
		busyRecording.now = true;
	}

	/** Ends the recording; answers it once all of it is stored, or nothing where it was too short to hold a word. */
	async stop(): Promise<Take | undefined> {
		this.#wanted += 1;
		const [media, take] = [this.#media, this.#take];
		if (this.state === 'asking') this.state = 'idle';
		if (this.state !== 'recording' || !media || !take) return undefined;
		const ms = this.#meter?.stop() ?? 0;
		await new Promise<void>((resolve) => {
			media.onstop = () => resolve();
			media.stop();
		});
		stopAll(media.stream);
		await Promise.all(this.#writes);
		[this.state, this.level, this.#media, this.#take] = ['idle', 0, undefined, undefined];
		busyRecording.now = false;
		const finished = { ...take, ms: Math.round(ms) };
		const store = await post.store();
		if (ms < LENGTH_MS_MIN) {
			await store.removeTake(take.id);
			return undefined;
		}
		await store.putTake(finished);
		return finished;
	}

	/** Ends the recording and forgets it. */
	async cancel(): Promise<void> {
		const take = await this.stop();
		if (take) await (await post.store()).removeTake(take.id);
	}
}

function stopAll(stream: MediaStream): void {
	stream.getTracks().forEach((track) => track.stop());
}

/** Reads time and loudness of a stream, some ten times a second. */
class Meter {
	#context: AudioContext;
	#frame = 0;
	#startedAt = performance.now();

	constructor(stream: MediaStream, tell: (ms: number, level: number) => void) {
		this.#context = new AudioContext();
		const analyser = this.#context.createAnalyser();
		analyser.fftSize = 512;
		this.#context.createMediaStreamSource(stream).connect(analyser);
		const samples = new Uint8Array(analyser.fftSize);
		let last = 0;
		const look = () => {
			this.#frame = requestAnimationFrame(look);
			const ms = performance.now() - this.#startedAt;
			if (ms - last < 90) return;
			last = ms;
			analyser.getByteTimeDomainData(samples);
			const sum = samples.reduce((total, sample) => total + ((sample - 128) / 128) ** 2, 0);
			tell(ms, Math.min(1, Math.sqrt(sum / samples.length) * 3.5));
		};
		this.#frame = requestAnimationFrame(look);
	}

	/** Ends the reading; answers the milliseconds it ran. */
	stop(): number {
		cancelAnimationFrame(this.#frame);
		void this.#context.close();
		return performance.now() - this.#startedAt;
	}
}
