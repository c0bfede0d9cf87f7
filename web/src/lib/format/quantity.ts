// Quantities and prices, computed in thousandths with the server's rounding, so that a total shown before it is sent is the total.
import type { components } from '#lib/api/schema.d.ts';
import type { Money } from './money.ts';

export type Unit = components['schemas']['Unit'];
export type Price = components['schemas']['Price'];

export const UNITS: readonly Unit[] = [
	'kg',
	'g',
	'quintal',
	'litre',
	'ml',
	'piece',
	'dozen',
	'packet',
	'bunch',
	'metre',
	'box',
	'bag'
];

/** Units that convert into each other, with how many of the smallest each is. */
const FAMILIES: readonly Partial<Record<Unit, bigint>>[] = [
	{ g: 1n, kg: 1000n, quintal: 100_000n },
	{ ml: 1n, litre: 1000n },
	{ piece: 1n, dozen: 12n }
];

const grouped = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 3 });

/** Thousandths of a decimal of at most three places; nothing where it is none. */
export function milli(quantity: string): bigint | undefined {
	const match = /^(\d{1,7})(?:\.(\d{0,3}))?$/.exec(quantity);
	if (!match) return undefined;
	return BigInt(match[1] ?? '0') * 1000n + BigInt((match[2] ?? '').padEnd(3, '0'));
}

/** `"02.50"` as `"2.5"`. */
export function canonical(quantity: string): string | undefined {
	const thousandths = milli(quantity);
	if (thousandths === undefined) return undefined;
	const fraction = String(thousandths % 1000n).padStart(3, '0').replace(/0+$/, '');
	return fraction === '' ? String(thousandths / 1000n) : `${thousandths / 1000n}.${fraction}`;
}

export const isOne = (quantity: string): boolean => milli(quantity) === 1000n;
export const isPositive = (quantity: string): boolean => (milli(quantity) ?? 0n) > 0n;

/** The number alone, grouped the Indian way. */
export const formatNumber = (quantity: string): string => grouped.format(Number(quantity));

/** The units a quantity priced in `unit` can be said in, itself first. */
export function kin(unit: Unit): Unit[] {
	const family = FAMILIES.find((f) => unit in f);
	return [unit, ...UNITS.filter((u) => u !== unit && family !== undefined && u in family)];
}

/** What `quantity` of `unit` costs, rounded half up to a paisa; nothing where the units do not convert. */
export function totalFor(price: Price, quantity: string, unit: Unit): Money | undefined {
	const [amount, per] = [milli(quantity), milli(price.per)];
	if (amount === undefined || per === undefined || per === 0n) return undefined;
	let [from, to] = [1n, 1n];
	if (unit !== price.unit) {
		const family = FAMILIES.find((f) => unit in f && price.unit in f);
		if (!family) return undefined;
		from = family[unit] ?? 1n;
		to = family[price.unit] ?? 1n;
	}
	const [numerator, denominator] = [BigInt(price.amount.minor) * amount * from, per * to];
	const minor = (numerator * 2n + denominator) / (denominator * 2n);
	return { minor: Number(minor), currency: price.amount.currency };
}

/** Whether `available` of `unit` covers `quantity` of `wanted`; unknown units do not. */
export function covers(available: string, unit: Unit, quantity: string, wanted: Unit): boolean {
	const [have, want] = [milli(available), milli(quantity)];
	if (have === undefined || want === undefined) return false;
	if (unit === wanted) return have >= want;
	const family = FAMILIES.find((f) => unit in f && wanted in f);
	return family !== undefined && have * (family[unit] ?? 1n) >= want * (family[wanted] ?? 1n);
}
