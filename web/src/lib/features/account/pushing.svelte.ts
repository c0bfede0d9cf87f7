// News of a new buyer while the app is closed, where the server has a key for it and the browser can.
import { take, vendorApi } from '#lib/api/client.ts';
import { asProblem, type Problem } from '#lib/api/problem.ts';

class Pushing {
	/** Whether server and browser can do it, and the person has not said no. */
	possible = $state(false);
	on = $state(false);
	busy = $state(false);
	problem = $state.raw<Problem>();
	#key: string | undefined;

	/** Finds out what can be done and what is on. */
	async look(): Promise<void> {
		if (!('serviceWorker' in navigator) || !('PushManager' in window) || Notification.permission === 'denied') return;
		try {
			this.#key = (await take(vendorApi.GET('/capabilities'))).push.public_key ?? undefined;
			this.on = (await this.#subscription()) !== null;
			this.possible = this.#key !== undefined;
		} catch {
			this.possible = false;
		}
	}

	/** For a click handler: the browser asks its user. */
	async turnOn(): Promise<void> {
		await this.#run(async () => {
			if (!this.#key || (await Notification.requestPermission()) !== 'granted') return;
			const { pushManager } = await navigator.serviceWorker.ready;
			const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: this.#key });
			const { endpoint, keys } = made.toJSON();
			const body = { endpoint: endpoint ?? '', keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' } };
			await take(vendorApi.POST('/push-subscriptions', { body }));
			this.on = true;
		});
	}

	async turnOff(): Promise<void> {
		await this.#run(async () => {
			const subscription = await this.#subscription();
			if (!subscription) return;
			await take(vendorApi.DELETE('/push-subscriptions', { body: { endpoint: subscription.endpoint } }));
			await subscription.unsubscribe();
			this.on = false;
		});
	}

	async #subscription(): Promise<PushSubscription | null> {
		const registration = await navigator.serviceWorker.getRegistration();
		return registration ? registration.pushManager.getSubscription() : null;
	}

	async #run(act: () => Promise<void>): Promise<void> {
		[this.busy, this.problem] = [true, undefined];
		try {
			await act();
		} catch (thrown) {
			this.problem = asProblem(thrown);
		} finally {
			this.busy = false;
		}
	}
}

export const pushing = new Pushing();
