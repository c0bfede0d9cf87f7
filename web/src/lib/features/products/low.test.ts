import { expect, test } from 'vitest';
import { runsLow } from './low.ts';

const stock = (on_hand: string, available: string) => ({ on_hand, held: '0', available, unit: 'kg' as const });

test('goods run low when nothing is left or hardly anything is free', () => {
	expect(runsLow(stock('0', '0'))).toBe(true);
	expect(runsLow(stock('120', '11.999'))).toBe(true);
	expect(runsLow(stock('120', '12'))).toBe(false);
	expect(runsLow(stock('0.5', '0.5'))).toBe(false);
});
