import { afterEach, expect, test, vi } from 'vitest';
import { floorOf, isBelow } from './floor.ts';
import type { Price, Unit } from '#lib/format/quantity.ts';

const price = (rupees: number, per: string, unit: Unit): Price => ({
	amount: { minor: rupees * 100, currency: 'INR' },
	per,
	unit
});

afterEach(() => void vi.unstubAllGlobals());

test('a price is below the floor whatever it is said for', () => {
	const floor = price(30, '1', 'kg');
	expect(isBelow(price(149, '5', 'kg'), floor)).toBe(true);
	expect(isBelow(price(150, '5', 'kg'), floor)).toBe(false);
	expect(isBelow(price(7, '250', 'g'), floor)).toBe(true);
	expect(isBelow(price(8, '250', 'g'), floor)).toBe(false);
});

test('without a floor, or one in a unit that does not convert, nothing is below it', () => {
	expect(isBelow(price(1, '1', 'kg'), undefined)).toBe(false);
	expect(isBelow(undefined, price(30, '1', 'kg'))).toBe(false);
	expect(isBelow(price(1, '1', 'piece'), price(30, '1', 'kg'))).toBe(false);
});

test("a buyer's screen never asks for a floor", async () => {
	const fetched = vi.fn();
	vi.stubGlobal('fetch', fetched);
	expect(await floorOf('buyer', 'product')).toBeUndefined();
	expect(fetched).not.toHaveBeenCalled();
});
