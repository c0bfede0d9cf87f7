// A product while it is described.
import { newId, type Schemas } from '#lib/api/client.ts';
import { parseRupees, typedRupees } from '#lib/format/money.ts';
import { canonical, isPositive, type Price, type Unit } from '#lib/format/quantity.ts';
import { i18n } from '#lib/i18n/i18n.svelte.ts';

/** The rates of GST that goods carry, in percent. */
export const RATES = ['0', '3', '5', '18', '40'] as const;

export class ProductDraft {
	name = $state('');
	/** The entry of the goods list that the name was picked from. */
	lemma = $state<string>();
	rupees = $state('');
	per = $state('1');
	unit = $state<Unit>('kg');
	stock = $state('');
	floor = $state('');
	treatment = $state<'exempt' | 'taxable'>('exempt');
	hsn = $state('');
	rate = $state<string>('5');
	/** Of this form, however often it is sent: a try whose answer was lost may have come through. */
	#clientId = newId();

	static of(product: Schemas['Product']): ProductDraft {
		const draft = new ProductDraft();
		draft.name = product.name;
		draft.lemma = product.lemma ?? undefined;
		draft.rupees = typedRupees(product.price.amount.minor);
		draft.per = product.price.per;
		draft.unit = product.price.unit;
		draft.stock = product.stock.on_hand;
		draft.floor = product.floor ? typedRupees(product.floor.amount.minor) : '';
		draft.treatment = product.tax.treatment;
		draft.hsn = product.tax.hsn ?? '';
		draft.rate = product.tax.rate_percent ?? '5';
		return draft;
	}

	/** Takes a name from the goods list, with the unit it is usually sold by. */
	pick(good: Schemas['Good']): void {
		this.name = good.names[i18n.language] ?? good.names.en ?? good.lemma;
		this.lemma = good.lemma;
		this.unit = good.unit;
		this.hsn = good.hsn ?? '';
	}

	/** A name that is typed on is no longer the one that was picked. */
	rename(name: string): void {
		this.name = name;
		this.lemma = undefined;
	}

	/** What is sent from now on is meant beside what was sent before. */
	renew(): void {
		this.#clientId = newId();
	}

	get price(): Price | undefined {
		return this.#priced(this.rupees);
	}

	get floorPrice(): Price | undefined {
		return this.floor === '' ? undefined : this.#priced(this.floor);
	}

	/** Whether the floor is no price, or above the price on the tag. */
	get floorWrong(): boolean {
		if (this.floor === '') return false;
		const floor = this.floorPrice;
		return floor === undefined || (this.price !== undefined && floor.amount.minor > this.price.amount.minor);
	}

	get hsnWrong(): boolean {
		return this.hsn !== '' && !/^\d{4}(\d{2}){0,2}$/.test(this.hsn);
	}

	get ready(): boolean {
		const named = this.name.trim() !== '';
		return named && this.price !== undefined && canonical(this.stock) !== undefined && !this.floorWrong && !this.hsnWrong;
	}

	/** What is sent to open the product; nothing while it is not ready. */
	get fresh(): Schemas['NewProduct'] | undefined {
		const [price, stock] = [this.price, canonical(this.stock)];
		if (!this.ready || !price || stock === undefined) return undefined;
		return { client_id: this.#clientId, ...this.#common(price), stock, ...(this.floorPrice ? { floor: this.floorPrice } : {}) };
	}

	/** What is sent to change it: all but the stock. */
	get change(): Schemas['ProductChange'] | undefined {
		const price = this.price;
		if (!this.ready || !price) return undefined;
		return { ...this.#common(price), floor: this.floorPrice ?? null };
	}

	#common(price: Price) {
		const { lemma, hsn, treatment, rate } = this;
		const tax = { treatment, ...(hsn ? { hsn } : {}), ...(treatment === 'taxable' ? { rate_percent: rate } : {}) };
		return { name: this.name.trim(), language: i18n.language, ...(lemma ? { lemma } : {}), price, tax };
	}

	#priced(rupees: string): Price | undefined {
		const [minor, per] = [parseRupees(rupees), canonical(this.per)];
		if (minor === undefined || per === undefined || !isPositive(per)) return undefined;
		return { amount: { minor, currency: 'INR' }, per, unit: this.unit };
	}
}
