import { expect, test } from 'vitest';
import { freshIn } from './fresh.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const after = (ms: number) => new Date(now + ms).toISOString();

test('a code is fetched anew after half of its life', () => {
	expect(freshIn(after(24 * 3_600_000), now)).toBe(12 * 3_600_000);
});

test('never more often than once a minute, though it has run out', () => {
	expect(freshIn(after(90_000), now)).toBe(60_000);
	expect(freshIn(after(-90_000), now)).toBe(60_000);
});

test('a code that lives for months does not overflow the timer', () => {
	expect(freshIn(after(90 * 24 * 3_600_000), now)).toBe(2 ** 31 - 1);
});
