import { expect, test } from 'vitest';
import { ProductDraft } from './draft.svelte.ts';

function tomato(): ProductDraft {
	const draft = new ProductDraft();
	[draft.name, draft.rupees, draft.stock] = ['Tomato', '40', '120'];
	return draft;
}

test('a filled form is sent under one id, however often and though it is typed on', () => {
	const draft = tomato();
	const id = draft.fresh?.client_id;
	expect(id).toMatch(/^[0-9a-f-]{36}$/);
	expect(draft.fresh).toEqual({ ...draft.fresh, client_id: id, name: 'Tomato', stock: '120' });
	draft.stock = '80';
	expect(draft.fresh).toMatchObject({ client_id: id, stock: '80' });
});

test('another form, and one that is meant as another product, have another id', () => {
	const [draft, other] = [tomato(), tomato()];
	const id = draft.fresh?.client_id;
	expect(other.fresh?.client_id).not.toBe(id);
	draft.renew();
	expect(draft.fresh?.client_id).not.toBe(id);
});
