import { expect, test } from 'vitest';
import type { Schemas } from '#lib/api/client.ts';
import type { Price, Unit } from '#lib/format/quantity.ts';
import { Draft } from './draft.svelte.ts';

const price = (rupees: number, per: string, unit: Unit): Price => ({
	amount: { minor: rupees * 100, currency: 'INR' },
	per,
	unit
});
const tomato: Schemas['VisitProduct'] = {
	id: 'tomato',
	names: { en: 'Tomato' },
	available: '20',
	unit: 'kg',
	price: price(40, '1', 'kg')
};
const offer = (said: Price, total: number) =>
	({
		quantity: '5',
		quantity_unit: 'kg',
		price: said,
		total: { minor: total * 100, currency: 'INR' }
	}) as Schemas['Offer'];

test("an offer begins with one unit and no price: the stall's is only shown", () => {
	const draft = new Draft(tomato, undefined);
	expect([draft.quantity, draft.unit, draft.rupees, draft.ready]).toEqual(['1', 'kg', '', false]);
	expect(draft.asked?.minor).toBe(40_00);
});

test('an answer begins with what was offered, for the lot or by the unit', () => {
	const lot = new Draft(tomato, offer(price(185, '5', 'kg'), 185));
	expect([lot.basis, lot.rupees, lot.quantity]).toEqual(['all', '185', '5']);
	const each = new Draft(tomato, offer(price(37, '1', 'kg'), 185));
	expect([each.basis, each.rupees, each.total?.minor]).toEqual(['unit', '37', 185_00]);
});

test('the same number is the price of all of it or of each', () => {
	const draft = new Draft(tomato, undefined);
	[draft.quantity, draft.rupees] = ['5', '150'];
	expect([draft.price, draft.total?.minor]).toEqual([price(150, '5', 'kg'), 150_00]);
	draft.basis = 'unit';
	expect([draft.price, draft.total?.minor]).toEqual([price(150, '1', 'kg'), 750_00]);
});

test('more than the stall has is noticed in any unit', () => {
	const draft = new Draft(tomato, undefined);
	[draft.quantity, draft.unit] = ['20000', 'g'];
	expect(draft.tooMuch).toBe(false);
	draft.quantity = '20001';
	expect(draft.tooMuch).toBe(true);
});
