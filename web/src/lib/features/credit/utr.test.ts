import { expect, test } from 'vitest';
import { isUtr } from './utr.ts';

test('a UTR is twelve digits, spaces aside', () => {
	expect(isUtr('6123 4567 8901')).toBe(true);
	expect(isUtr('612345678901')).toBe(true);
	for (const bad of ['', '61234567890', '6123456789012', '61234567890x']) expect(isUtr(bad)).toBe(false);
});
