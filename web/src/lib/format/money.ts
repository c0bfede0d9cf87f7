// Money as people in India write it: ₹1,50,000 and ₹37.50, in Latin digits in every language.
import type { components } from '#lib/api/schema.d.ts';

export type Money = components['schemas']['Money'];

const whole = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 0 });

/** Paise are shown only where there are some. */
export function formatMoney(money: Money): string {
	const minor = Math.abs(money.minor);
	const paise = minor % 100;
	const sign = money.minor < 0 ? '−' : '';
	const tail = paise === 0 ? '' : `.${String(paise).padStart(2, '0')}`;
	return `${sign}₹${whole.format(Math.trunc(minor / 100))}${tail}`;
}

/** Paise from what a keypad shows (`"37.5"`); nothing where it is no amount above zero. */
export function parseRupees(typed: string): number | undefined {
	if (!/^\d{1,8}(\.\d{0,2})?$/.test(typed)) return undefined;
	const [rupees = '0', paise = ''] = typed.split('.');
	const minor = Number(rupees) * 100 + Number(paise.padEnd(2, '0'));
	return minor > 0 ? minor : undefined;
}

/** What a keypad shows for an amount: the opposite of `parseRupees`. */
export function typedRupees(minor: number): string {
	const paise = minor % 100;
	const rupees = String(Math.trunc(minor / 100));
	return paise === 0 ? rupees : `${rupees}.${String(paise).padStart(2, '0')}`;
}

const MICROS = 1_000_000;

/** Millionths of a rupee, to the last place that counts: ₹0.00204. */
export function formatMicros(micros: number): string {
	const places = String(micros % MICROS).padStart(6, '0').replace(/0+$/, '');
	return `₹${whole.format(Math.trunc(micros / MICROS))}${places === '' ? '' : `.${places.padEnd(2, '0')}`}`;
}

/** What one use of a provider cost: what was charged, and its exact price where that does not come to a paisa. */
export const formatCharge = (charged: Money, exactMicros: number): string =>
	charged.minor === 0 && exactMicros > 0 ? formatMicros(exactMicros) : formatMoney(charged);

/** Millionths of a rupee from a typed decimal (`"0.0125"`), zero included; nothing where it is none. */
export function parseMicros(typed: string): number | undefined {
	if (!/^\d{1,6}(\.\d{0,6})?$/.test(typed)) return undefined;
	const [rupees = '0', places = ''] = typed.split('.');
	return Number(rupees) * MICROS + Number(places.padEnd(6, '0'));
}
