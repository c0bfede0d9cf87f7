import { expect, test } from 'vitest';
import { Pages } from './loaded.svelte.ts';

interface Card {
	id: string;
	text: string;
}
const card = (id: string, text = id): Card => ({ id, text });

/** A list whose pages come when the test says so. */
function list() {
	const answers: ((items: Card[]) => void)[] = [];
	const pages = new Pages<Card>(() => new Promise((resolve) => answers.push((items) => resolve({ items }))));
	const answer = async (at: number, items: Card[]) => {
		answers[at]?.(items);
		await new Promise((resolve) => setTimeout(resolve));
	};
	return { pages, answer };
}

test('what arrives while the list is loaded is not lost to a page that was read before', async () => {
	const { pages, answer } = list();
	void pages.reload();
	pages.upsert(card('new'), true);
	await answer(0, [card('old')]);
	expect(pages.items).toEqual([card('new'), card('old')]);
});

test('what changes or goes while the list is loaded stays changed and gone', async () => {
	const { pages, answer } = list();
	void pages.reload();
	pages.upsert(card('a', 'changed'));
	pages.remove('b');
	await answer(0, [card('a'), card('b'), card('c')]);
	expect(pages.items).toEqual([card('a', 'changed'), card('c')]);
});

test('what a later list no longer has is gone', async () => {
	const { pages, answer } = list();
	void pages.reload();
	pages.upsert(card('a'), true);
	await answer(0, []);
	void pages.reload();
	await answer(1, [card('b')]);
	expect(pages.items).toEqual([card('b')]);
});
