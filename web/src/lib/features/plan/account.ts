// A vendor's plan: what it gives, what it costs, what was asked for it.
import { take, vendorApi, type Schemas } from '#lib/api/client.ts';
import { Loaded, Pages } from '#lib/api/loaded.svelte.ts';
import type { Live } from '#lib/realtime/live.svelte.ts';

export class PlanAccount {
	readonly now = new Loaded<Schemas['Subscription']>(() => take(vendorApi.GET('/plan')));
	readonly offered = new Loaded<Schemas['Plan'][]>(() => take(vendorApi.GET('/plans')));
	readonly room = new Loaded<Schemas['ShelfRoom']>(() => take(vendorApi.GET('/products/room')));
	readonly invoices = new Pages<Schemas['PlanInvoice']>((before) =>
		take(vendorApi.GET('/plan/invoices', { params: { query: { ...(before ? { before } : {}), limit: 12 } } }))
	);

	/** Listens until the answer is called. */
	follow(live: Live): () => void {
		void this.offered.reload();
		void this.room.reload();
		this.load();
		const load = () => this.load();
		const stops = [live.onReload(load), live.on('plan', load), live.on('credit', () => void this.now.reload())];
		return () => stops.forEach((stop) => stop());
	}

	/** After something was done, or heard of. */
	load(): void {
		void this.now.reload();
		void this.invoices.reload();
	}
}
