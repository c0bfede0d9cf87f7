// What the server lets through only after the person showed once more that it is they: asks, then repeats the call.
import { bounded, vendorApi } from '#lib/api/client.ts';
import { problemOf } from '#lib/api/problem.ts';

class Confirming {
	/** Whether the person is asked at this moment. */
	asked = $state(false);
	#asking: Promise<boolean> | undefined;
	#answer: ((confirmed: boolean) => void) | undefined;

	/** Asks, once for all calls that wait; answers whether the person showed it. */
	ask(): Promise<boolean> {
		this.#asking ??= new Promise((resolve) => {
			this.#answer = resolve;
			this.asked = true;
		});
		return this.#asking;
	}

	answer(confirmed: boolean): void {
		this.asked = false;
		this.#asking = undefined;
		this.#answer?.(confirmed);
	}
}

export const confirming = new Confirming();

/** Calls under way, as they can be made once more. */
const copies = new Map<string, Request>();

vendorApi.use({
	onRequest({ request, id }) {
		const isJson = (request.headers.get('content-type') ?? 'application/json').startsWith('application/json');
		if (request.method !== 'GET' && isJson) copies.set(id, request.clone());
		return undefined;
	},
	async onResponse({ response, id }) {
		const copy = copies.get(id);
		copies.delete(id);
		if (!copy || response.status !== 403) return undefined;
		const problem = problemOf(403, await response.clone().json().catch(() => undefined));
		if (problem.slug !== 'confirm-again' || !(await confirming.ask())) return undefined;
		// Where the network fails now, what was said before stands.
		return bounded(copy).catch(() => undefined);
	},
	onError({ id }) {
		copies.delete(id);
		return undefined;
	}
});
