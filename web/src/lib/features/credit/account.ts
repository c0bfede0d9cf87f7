// A vendor's prepaid credit: how much, from where, gone on what.
import { take, vendorApi, type Schemas } from '#lib/api/client.ts';
import { Loaded, Pages } from '#lib/api/loaded.svelte.ts';
import type { Live } from '#lib/realtime/live.svelte.ts';

/** How much there is, kept current by events. */
export class CreditNow extends Loaded<Schemas['Credit']> {
	constructor() {
		super(() => take(vendorApi.GET('/credit')));
	}

	/** Listens until the answer is called. */
	follow(live: Live): () => void {
		void this.reload();
		const stops = [
			live.onReload(() => void this.reload()),
			live.on('credit', (news) => {
				// At once what the news says; the lots it does not tell of are loaded.
				if (this.value) this.value = { ...this.value, ...news };
				void this.reload();
			})
		];
		return () => stops.forEach((stop) => stop());
	}
}

/** All of it. */
export class CreditAccount {
	readonly now = new CreditNow();
	readonly plan = new Loaded(() => take(vendorApi.GET('/plan')));
	readonly recharge = new Loaded(() => take(vendorApi.GET('/credit/recharge')));
	readonly days = new Loaded(() => take(vendorApi.GET('/credit/usage/days')));
	readonly usage = new Pages<Schemas['Usage']>((before) => take(vendorApi.GET('/credit/usage', page(before))));
	readonly refunds = new Pages<Schemas['CreditRefund']>((before) => take(vendorApi.GET('/credit/refunds', page(before))));
	readonly topUps = new Pages<Schemas['TopUp']>((before) => take(vendorApi.GET('/credit/top-ups', page(before))));

	/** Listens until the answer is called. */
	follow(live: Live): () => void {
		const used = () => {
			void this.days.reload();
			void this.usage.reload();
			void this.refunds.reload();
			void this.recharge.reload();
			void this.plan.reload();
			void this.topUps.reload();
		};
		used();
		const stops = [
			this.now.follow(live),
			live.onReload(used),
			live.on('credit', used),
			live.on('plan', () => void this.plan.reload()),
			live.on('top_up', () => void this.topUps.reload())
		];
		return () => stops.forEach((stop) => stop());
	}
}

const page = (before: string | undefined) => ({ params: { query: { ...(before ? { before } : {}), limit: 20 } } });
