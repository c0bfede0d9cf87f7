// The service worker: registered once, asked for a newer version now and then, and never allowed to interrupt a recording.
import type { Side } from '#lib/api/client.ts';

/** Set while somebody records: an update waits. */
export const busyRecording = $state({ now: false });

const LOOK_EVERY_MS = 60 * 60 * 1000;

class Updates {
	/** A newer version that waits for its turn. */
	waiting = $state.raw<ServiceWorker>();
	#registration: ServiceWorkerRegistration | undefined;
	#wanted = false;

	/** For an `$effect` of the root; the answer stops looking for newer versions. */
	run(): () => void {
		if (!('serviceWorker' in navigator) || import.meta.env.DEV) return () => {};
		void this.#register();
		const timer = setInterval(() => void this.#registration?.update().catch(() => {}), LOOK_EVERY_MS);
		return () => clearInterval(timer);
	}

	/** Lets the newer version take over; the page is loaded anew when it has. */
	apply(): void {
		this.#wanted = true;
		this.waiting?.postMessage({ type: 'take-over' });
	}

	/** Tells the worker which part of the app this person uses: its files are then there without a network. */
	async use(role: Side | 'operator'): Promise<void> {
		if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
		(await navigator.serviceWorker.ready).active?.postMessage({ type: 'role', role });
	}

	async #register(): Promise<void> {
		navigator.serviceWorker.addEventListener('controllerchange', () => this.#wanted && location.reload());
		try {
			const registration = await navigator.serviceWorker.register('/service-worker.js', {
				type: 'module',
				updateViaCache: 'none'
			});
			this.#registration = registration;
			if (navigator.serviceWorker.controller) this.waiting = registration.waiting ?? undefined;
			registration.addEventListener('updatefound', () => this.#follow(registration.installing));
		} catch {
			// Private windows and pages without TLS have no worker; the app then needs the network.
		}
	}

	#follow(installing: ServiceWorker | null): void {
		installing?.addEventListener('statechange', () => {
			if (installing.state === 'installed' && navigator.serviceWorker.controller) this.waiting = installing;
		});
	}
}

export const updates = new Updates();
