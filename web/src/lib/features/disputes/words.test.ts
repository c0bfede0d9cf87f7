import { expect, test, vi } from 'vitest';

vi.mock('#lib/i18n/i18n.svelte.ts', () => ({ t: (key: string) => key }));
const { reasonOf, waits } = await import('./words.ts');

test('each bank spells its reasons in its own way', () => {
	expect(reasonOf('goods_or_services_not_received_or_partially_received')).toBe('dispute.reason.not-received');
	expect(reasonOf('product_not_received')).toBe('dispute.reason.not-received');
	expect(reasonOf('Fraudulent')).toBe('dispute.reason.fraud');
	expect(reasonOf('duplicate')).toBe('dispute.reason.twice');
	expect(reasonOf('RZP07')).toBe('dispute.reason.other');
});

test('only an open dispute without an answer waits', () => {
	expect(waits({ state: 'open' })).toBe(true);
	expect(waits({ state: 'open', answer: 'accept' })).toBe(false);
	expect(waits({ state: 'under_review', answer: 'contest' })).toBe(false);
});
