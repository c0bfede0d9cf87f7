import { expect, test } from 'vitest';
import { amountOf, chipsOf } from './amount.ts';

const limits = (min: number, max: number) => ({
	top_up_min: { minor: min, currency: 'INR' as const },
	top_up_max: { minor: max, currency: 'INR' as const }
});

test('only what may be put in is offered', () => {
	expect(chipsOf(limits(100, 1_000_000))).toEqual([5000, 10_000, 50_000]);
	expect(chipsOf(limits(10_000, 20_000))).toEqual([10_000]);
	expect(chipsOf(limits(100, 1000))).toEqual([]);
});

test('an amount is taken from the smallest to the largest', () => {
	expect(amountOf('1', limits(100, 10_000))).toBe(100);
	expect(amountOf('100', limits(100, 10_000))).toBe(10_000);
	for (const wrong of ['', '0', '0.99', '100.01']) expect(amountOf(wrong, limits(100, 10_000)), wrong).toBeUndefined();
});
