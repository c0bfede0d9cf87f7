// One live line a page tree: who listens to what, and whether the line is up.
import { apiOf, take, type Schemas, type Side } from '#lib/api/client.ts';
import { LiveSocket, type Event, type Signal, type Status, type Wire } from './socket.ts';

/** The data of each kind of event. */
export interface Kinds {
	visit: Schemas['Visit'] | Schemas['VisitCard'];
	message: Schemas['Message'];
	offer: Schemas['Offer'];
	read_back: Schemas['ReadBack'];
	order: Schemas['OrderCard'];
	payment: Schemas['Payment'] & { order_id: string };
	document: Schemas['Document'];
	product: Schemas['Product'];
	buyer_arrived: Schemas['VisitCard'];
	top_up: { top_up_id: string; payment: Schemas['Payment'] };
	payout: { state?: Schemas['PayoutState'] };
	dispute: { id: string; order_id?: string; state: Schemas['DisputeState'] };
	credit: Pick<Schemas['Credit'], 'available' | 'reserved' | 'frozen' | 'paused_jobs'>;
	payment_methods: Record<string, never>;
	plan: { state: Schemas['SubscriptionState']; news: string };
}

type Handler = (data: never, visit: string | undefined) => void;

export class Live {
	status = $state<Status>('stopped');
	readonly side: Side;
	#handlers = new Map<string, Set<Handler>>();
	#signals = new Set<(signal: Signal) => void>();
	#reloads = new Set<() => void>();
	#socket: LiveSocket;

	constructor(side: Side, visit?: string) {
		this.side = side;
		const api = apiOf(side);
		this.#socket = new LiveSocket(
			{
				ticket: async () => {
					const body = visit ? { visit_id: visit } : {};
					return (await take(api.POST('/socket-tickets', { body }))).ticket;
				},
				open,
				now: () => performance.now(),
				later: (ms, run) => {
					const timer = setTimeout(run, ms);
					return () => clearTimeout(timer);
				},
				random: Math.random
			},
			{
				event: (event) => this.#tell(event),
				signal: (signal) => this.#signals.forEach((handle) => handle(signal)),
				status: (status) => (this.status = status),
				reload: () => this.#reloads.forEach((load) => load())
			}
		);
	}

	/** Starts the line; the answer stops it. For an `$effect`. */
	run(): () => void {
		const wake = () => document.visibilityState === 'visible' && this.#socket.wake();
		window.addEventListener('online', wake);
		document.addEventListener('visibilitychange', wake);
		this.#socket.start();
		return () => {
			window.removeEventListener('online', wake);
			document.removeEventListener('visibilitychange', wake);
			this.#socket.stop();
		};
	}

	/** Calls `handle` for every event of the kind, until the answer is called. */
	on<K extends keyof Kinds>(kind: K, handle: (data: Kinds[K], visit: string | undefined) => void): () => void {
		const handlers = this.#handlers.get(kind) ?? new Set();
		this.#handlers.set(kind, handlers.add(handle as Handler));
		return () => handlers.delete(handle as Handler);
	}

	onSignal(handle: (signal: Signal) => void): () => void {
		this.#signals.add(handle);
		return () => this.#signals.delete(handle);
	}

	/** Calls `load` when what was loaded may have missed something. */
	onReload(load: () => void): () => void {
		this.#reloads.add(load);
		return () => this.#reloads.delete(load);
	}

	signal(signal: Signal): void {
		this.#socket.signal(signal);
	}

	#tell(event: Event): void {
		this.#handlers.get(event.kind)?.forEach((handle) => handle(event.data as never, event.visit_id));
	}
}

function open(): Wire {
	const url = new URL('/api/v1/socket', location.href);
	url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
	return new WebSocket(url) as unknown as Wire;
}
