import { expect, test } from 'vitest';
import { left, whatOf, type Draft } from './refund.ts';

const draft = (change: Partial<Draft>): Draft => ({ kind: 'goods', quantities: {}, restock: true, rupees: '', ...change });

test('goods are asked back line by line, and an empty field is none', () => {
	expect(whatOf(draft({ quantities: { 1: ' 1.5 ', 2: '' } }))).toEqual({
		kind: 'goods',
		lines: [{ line: 1, quantity: '1.5', restock: true }]
	});
	for (const wrong of [{}, { 1: '' }, { 1: '0' }, { 1: '-1' }, { 1: '1,5' }, { 1: '1.2345' }, { 1: '1', 2: 'x' }]) {
		expect(whatOf(draft({ quantities: wrong })), JSON.stringify(wrong)).toBeUndefined();
	}
});

test('money is whole paise', () => {
	expect(whatOf(draft({ kind: 'money', rupees: '20.5' }))).toEqual({ kind: 'money', amount: { minor: 2050, currency: 'INR' } });
	expect(whatOf(draft({ kind: 'money', rupees: '0' }))).toBeUndefined();
});

test('the rest says only whether the goods are sold again', () => {
	expect(whatOf(draft({ kind: 'rest', restock: false }))).toEqual({ kind: 'rest', restock: false });
});

test('what is left of a line has no stray decimals', () => {
	expect(left({ quantity: '1.1', returned: '0.8' })).toBe(0.3);
	expect(left({ quantity: '5' })).toBe(5);
});
