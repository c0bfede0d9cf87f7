// The client's end of the socket: every numbered event once and in order, whatever the network does.
//
// Purpose: say hello with the last number seen, take events only when they follow it, come back after a break with back-off, and
// give up on a line that has gone silent. Invariants: `event` is called with consecutive numbers of one epoch, or `reload`
// was called in between; one wire at a time. Deliberately absent: what an event means, and the browser (see `Host`).

export interface Wire {
	send(text: string): void;
	close(): void;
	onopen: (() => void) | null;
	onmessage: ((message: { data: unknown }) => void) | null;
	onclose: (() => void) | null;
}

/** What the socket needs of the world. */
export interface Host {
	/** A fresh ticket. Rejects where there is no network or no right. */
	ticket(): Promise<string>;
	open(): Wire;
	/** Milliseconds of a clock that only goes forward. */
	now(): number;
	/** Calls `run` once after `ms`; the answer cancels it. */
	later(ms: number, run: () => void): () => void;
	/** 0 ≤ x < 1. */
	random(): number;
}

export interface Event {
	kind: string;
	visit_id?: string;
	data: unknown;
}
export interface Signal {
	kind: 'typing' | 'recording' | 'heard' | 'seen';
	visit_id: string;
	by?: 'buyer' | 'vendor';
	message_id?: string;
}
export type Status = 'connecting' | 'open' | 'waiting' | 'stopped';

export interface Listener {
	event(event: Event): void;
	signal(signal: Signal): void;
	status(status: Status): void;
	/** What is on screen may be old: load it from the API. Called after the first welcome too. */
	reload(): void;
}

const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 30_000;
/** How many heartbeats may be missed before the line counts as dead, plus one second of grace. */
const MISSED_HEARTBEATS = 2.2;
const WELCOME_WITHIN_MS = 15_000;

type Frame =
	| { type: 'welcome'; epoch: string; seq: number; heartbeat_s?: number }
	| { type: 'event'; seq: number; event: Event }
	| { type: 'signal'; signal: Signal }
	| { type: 'ping' }
	| { type: 'resync' };

export class LiveSocket {
	#host: Host;
	#listener: Listener;
	#wire: Wire | undefined;
	#status: Status = 'stopped';
	#epoch: string | null = null;
	#seen: number | null = null;
	#heartbeatMs = 20_000;
	#heardAt = 0;
	#attempt = 0;
	#cancelTimer: () => void = () => {};
	#cancelWatch: () => void = () => {};

	constructor(host: Host, listener: Listener) {
		this.#host = host;
		this.#listener = listener;
	}

	get status(): Status {
		return this.#status;
	}

	start(): void {
		if (this.#status === 'stopped') void this.#connect();
	}

	stop(): void {
		this.#drop();
		this.#cancelTimer();
		this.#say('stopped');
	}

	/** The network came back or the page is looked at again: no reason to wait on. */
	wake(): void {
		if (this.#status !== 'waiting') return;
		this.#attempt = 0;
		this.#cancelTimer();
		void this.#connect();
	}

	/** Sends a signal if the line is up; a signal that comes late is worth nothing. */
	signal(signal: Signal): void {
		if (this.#status === 'open') this.#wire?.send(JSON.stringify({ type: 'signal', signal }));
	}

	async #connect(): Promise<void> {
		this.#say('connecting');
		let ticket: string;
		try {
			ticket = await this.#host.ticket();
		} catch {
			// A stop during the wait ends the matter.
			if (this.#status === 'connecting') this.#retry();
			return;
		}
		if (this.#status !== 'connecting') return;
		const wire = this.#host.open();
		this.#wire = wire;
		wire.onopen = () => {
			wire.send(JSON.stringify({ type: 'hello', ticket, epoch: this.#epoch, after: this.#seen }));
		};
		wire.onmessage = ({ data }) => this.#receive(wire, data);
		wire.onclose = () => {
			if (this.#wire === wire) this.#retry();
		};
		this.#heardAt = this.#host.now();
		this.#watch(WELCOME_WITHIN_MS);
	}

	#receive(wire: Wire, data: unknown): void {
		if (this.#wire !== wire || typeof data !== 'string') return;
		const frame = parse(data);
		this.#heardAt = this.#host.now();
		if (frame?.type === 'welcome') this.#welcome(frame);
		else if (frame?.type === 'event') this.#take(frame.seq, frame.event);
		else if (frame?.type === 'signal') this.#listener.signal(frame.signal);
		else if (frame?.type === 'ping') wire.send('{"type":"pong"}');
		else if (frame?.type === 'resync') this.#resync();
	}

	#welcome(frame: { epoch: string; seq: number; heartbeat_s?: number }): void {
		const continues = this.#seen !== null && this.#epoch === frame.epoch;
		this.#epoch = frame.epoch;
		this.#attempt = 0;
		if (frame.heartbeat_s) this.#heartbeatMs = frame.heartbeat_s * 1000;
		this.#say('open');
		this.#watch(this.#silenceMs);
		if (continues) return;
		this.#seen = frame.seq;
		this.#listener.reload();
	}

	#take(seq: number, event: Event): void {
		if (this.#seen === null || seq <= this.#seen) return;
		if (seq !== this.#seen + 1) {
			// A hole: the server can fill it when asked again from the last number.
			this.#retry();
			return;
		}
		this.#seen = seq;
		this.#listener.event(event);
	}

	#resync(): void {
		this.#seen = null;
		this.#epoch = null;
		this.#retry();
	}

	get #silenceMs(): number {
		return this.#heartbeatMs * MISSED_HEARTBEATS + 1000;
	}

	/** Ends the wire when nothing is heard for `limitMs`. */
	#watch(limitMs: number): void {
		this.#cancelWatch();
		const look = () => {
			const silent = this.#host.now() - this.#heardAt;
			if (silent >= limitMs) this.#retry();
			else this.#cancelWatch = this.#host.later(limitMs - silent, look);
		};
		this.#cancelWatch = this.#host.later(limitMs, look);
	}

	#retry(): void {
		this.#drop();
		this.#say('waiting');
		const ceiling = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** this.#attempt);
		this.#attempt = Math.min(this.#attempt + 1, 10);
		this.#cancelTimer();
		// Half of the wait is fixed, so that a server that just fell is not met at once by everybody.
		this.#cancelTimer = this.#host.later(ceiling * (0.5 + this.#host.random() / 2), () => void this.#connect());
	}

	#drop(): void {
		this.#cancelWatch();
		const wire = this.#wire;
		this.#wire = undefined;
		if (!wire) return;
		wire.onopen = wire.onmessage = wire.onclose = null;
		wire.close();
	}

	#say(status: Status): void {
		if (this.#status === status) return;
		this.#status = status;
		this.#listener.status(status);
	}
}

function parse(text: string): Frame | undefined {
	try {
		return JSON.parse(text) as Frame;
	} catch {
		return undefined;
	}
}
