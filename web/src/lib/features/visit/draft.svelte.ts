// An offer while it is made: how much, for how much, in all or by the unit.
import type { Schemas } from '#lib/api/client.ts';
import { parseRupees, typedRupees } from '#lib/format/money.ts';
import { canonical, covers, isPositive, kin, totalFor, type Price, type Unit } from '#lib/format/quantity.ts';

export class Draft {
	readonly product: Schemas['VisitProduct'];
	quantity = $state('1');
	unit = $state<Unit>('kg');
	rupees = $state('');
	/** Whether the price is for all of it or for one unit. */
	basis = $state<'all' | 'unit'>('all');

	/** Begins with the offer that is answered, else with one unit at the stall's price. */
	constructor(product: Schemas['VisitProduct'], standing: Schemas['Offer'] | undefined) {
		this.product = product;
		this.unit = standing?.quantity_unit ?? product.price.unit;
		this.quantity = standing?.quantity ?? product.price.per;
		if (!standing) return;
		const whole = standing.price.per === standing.quantity && standing.price.unit === standing.quantity_unit;
		this.basis = whole ? 'all' : 'unit';
		this.rupees = typedRupees(whole ? standing.total.minor : standing.price.amount.minor);
	}

	get units(): Unit[] {
		return kin(this.product.price.unit);
	}

	/** The price as it would be offered, where there is one. */
	get price(): Price | undefined {
		const minor = parseRupees(this.rupees);
		const amount = canonical(this.quantity);
		if (minor === undefined || amount === undefined || !isPositive(amount)) return undefined;
		return { amount: { minor, currency: 'INR' }, per: this.basis === 'all' ? amount : '1', unit: this.unit };
	}

	get total(): Schemas['Money'] | undefined {
		const [price, quantity] = [this.price, canonical(this.quantity)];
		return price && quantity ? totalFor(price, quantity, this.unit) : undefined;
	}

	/** What so much costs at the stall's own price, for comparison. */
	get asked(): Schemas['Money'] | undefined {
		const quantity = canonical(this.quantity);
		return quantity ? totalFor(this.product.price, quantity, this.unit) : undefined;
	}

	/** Whether the stall has less than that. */
	get tooMuch(): boolean {
		const quantity = canonical(this.quantity);
		return quantity !== undefined && !covers(this.product.available, this.product.unit, quantity, this.unit);
	}

	get ready(): boolean {
		return this.total !== undefined && this.total.minor > 0;
	}
}
