import { expect, test } from 'vitest';
import { formatCharge, formatMicros, formatMoney, parseMicros, parseRupees, typedRupees } from './money.ts';
import { canonical, covers, kin, milli, totalFor, type Price, type Unit } from './quantity.ts';
import { calendarDay, clockTime, minutesLeft, minutesUntil, stopwatch } from './time.ts';

const rupees = (minor: number) => formatMoney({ minor, currency: 'INR' });
const price = (minor: number, per: string, unit: Unit): Price => ({
	amount: { minor, currency: 'INR' },
	per,
	unit
});

test('rupees are grouped by lakh and crore, with paise only where there are some', () => {
	expect(rupees(15_000)).toBe('₹150');
	expect(rupees(3750)).toBe('₹37.50');
	expect(rupees(5)).toBe('₹0.05');
	expect(rupees(15_000_000)).toBe('₹1,50,000');
	expect(rupees(1_000_000_000)).toBe('₹1,00,00,000');
	expect(rupees(-4550)).toBe('−₹45.50');
});

test('what is typed on the keypad is read exactly, and nothing else is', () => {
	expect(parseRupees('37.5')).toBe(3750);
	expect(parseRupees('37.')).toBe(3700);
	expect(parseRupees('0.05')).toBe(5);
	for (const wrong of ['', '0', '0.00', '1.234', '-5', '1e3', '.5', '123456789']) {
		expect(parseRupees(wrong), wrong).toBeUndefined();
	}
	for (const minor of [5, 3750, 15_000, 1]) expect(parseRupees(typedRupees(minor))).toBe(minor);
});

test('millionths of a rupee are written to the last place that counts', () => {
	expect(formatMicros(2040)).toBe('₹0.00204');
	expect(formatMicros(1)).toBe('₹0.000001');
	expect(formatMicros(500_000)).toBe('₹0.50');
	expect(formatMicros(20_000_000)).toBe('₹20');
	expect(formatMicros(150_000_012_500)).toBe('₹1,50,000.0125');
});

test('what was charged is shown, and the exact price only where that is no paisa', () => {
	const paise = (minor: number) => ({ minor, currency: 'INR' as const });
	expect(formatCharge(paise(17), 168_000)).toBe('₹0.17');
	expect(formatCharge(paise(0), 2040)).toBe('₹0.00204');
	expect(formatCharge(paise(0), 0)).toBe('₹0');
});

test('a price by the thousand is typed to the millionth', () => {
	expect(parseMicros('20')).toBe(20_000_000);
	expect(parseMicros('0.0125')).toBe(12_500);
	expect(parseMicros('0.000001')).toBe(1);
	expect(parseMicros('0')).toBe(0);
	for (const wrong of ['', '.5', '1,5', '-1', '1e3', '0.0000001', '1234567']) expect(parseMicros(wrong), wrong).toBeUndefined();
});

test('a day of the calendar is that day in every zone', () => {
	expect(calendarDay('2026-11-26', 'en')).toBe('Thu, 26 Nov');
});

test('a total is exact for the lot and rounded half up otherwise', () => {
	expect(totalFor(price(15_000, '5', 'kg'), '5', 'kg')).toEqual({ minor: 15_000, currency: 'INR' });
	expect(totalFor(price(4000, '1', 'kg'), '250', 'g')?.minor).toBe(1000);
	expect(totalFor(price(6000, '1', 'dozen'), '8', 'piece')?.minor).toBe(4000);
	expect(totalFor(price(1000, '3', 'piece'), '1', 'piece')?.minor).toBe(333);
	expect(totalFor(price(1, '2', 'kg'), '1', 'kg')?.minor).toBe(1);
});

test('litres have no total at a price by the kilo', () => {
	expect(totalFor(price(4000, '1', 'kg'), '1', 'litre')).toBeUndefined();
	expect(totalFor(price(4000, '0', 'kg'), '1', 'kg')).toBeUndefined();
});

test('a quantity has at most three places and is written the shortest way', () => {
	expect(canonical('02.50')).toBe('2.5');
	expect(canonical('3.')).toBe('3');
	expect(canonical('0.125')).toBe('0.125');
	expect(milli('1.2345')).toBeUndefined();
	expect(milli('abc')).toBeUndefined();
	expect(canonical('12345678')).toBeUndefined();
});

test('a quantity is offered in the units that convert, its own first', () => {
	expect(kin('g')).toEqual(['g', 'kg', 'quintal']);
	expect(kin('bunch')).toEqual(['bunch']);
});

test('stock covers a wish in another unit of its kind only', () => {
	expect(covers('1', 'kg', '1000', 'g')).toBe(true);
	expect(covers('1', 'kg', '1001', 'g')).toBe(false);
	expect(covers('99', 'kg', '1', 'litre')).toBe(false);
});

test('times are in Latin digits in every language', () => {
	for (const language of ['en', 'hi', 'bn', 'ta', 'te', 'mr', 'gu', 'kn', 'ml', 'pa', 'or', 'as', 'ur']) {
		expect(clockTime('2026-11-23T09:41:00Z', language), language).toMatch(/\d{1,2}[:.]\d{2}/);
	}
});

test('half a minute left is one minute, and a time that is over is none', () => {
	const now = Date.parse('2026-11-23T10:00:00Z');
	expect(minutesUntil('2026-11-23T10:00:30Z', now)).toBe(1);
	expect(minutesUntil('2026-11-23T09:00:00Z', now)).toBe(0);
	expect(stopwatch(75_400)).toBe('1:15');
});

test('an offer never has more minutes left than it was made for', () => {
	const [since, until] = ['2026-11-23T10:00:00Z', '2026-11-23T10:30:00Z'];
	expect(minutesLeft(since, until, Date.parse('2026-11-23T09:59:50Z'))).toBe(30);
	expect(minutesLeft(since, until, Date.parse('2026-11-23T10:00:30Z'))).toBe(30);
	expect(minutesLeft(since, until, Date.parse('2026-11-23T10:29:30Z'))).toBe(1);
	expect(minutesLeft(since, until, Date.parse('2026-11-23T10:31:00Z'))).toBe(0);
});
