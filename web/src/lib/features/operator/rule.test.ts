import { expect, test } from 'vitest';
import { partsOf } from './rule.ts';

const typed = (change: object) => ({ percent: '', least: '', most: '', fixed: '', ...change });
const rupees = (minor: number) => ({ minor, currency: 'INR' });

test('a share, its bounds and a fixed amount make a rule of two parts', () => {
	expect(partsOf(typed({ percent: '2.5', least: '5', most: '20', fixed: '1.50' }))).toEqual([
		{ kind: 'percent', percent: '2.5', min: rupees(500), max: rupees(2000) },
		{ kind: 'fixed', amount: rupees(150) }
	]);
	expect(partsOf(typed({ fixed: '3' }))).toEqual([{ kind: 'fixed', amount: rupees(300) }]);
});

test('nothing, bounds without a share, and what is no number are no rule', () => {
	for (const wrong of [{}, { least: '5' }, { percent: '51' }, { percent: '2,5' }, { percent: '2', fixed: 'x' }, { fixed: '0' }]) {
		expect(partsOf(typed(wrong)), JSON.stringify(wrong)).toBeUndefined();
	}
});
