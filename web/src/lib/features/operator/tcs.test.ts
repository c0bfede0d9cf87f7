import { expect, test } from 'vitest';
import { monthInIndia } from './tcs.ts';

test('a month begins at midnight in India', () => {
	expect(monthInIndia(new Date('2026-10-31T18:29:59Z'))).toBe('2026-10');
	expect(monthInIndia(new Date('2026-10-31T18:30:00Z'))).toBe('2026-11');
});
