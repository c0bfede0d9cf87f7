// What the platform keeps of a sale, in words.
import type { Schemas } from '#lib/api/client.ts';
import { formatMoney } from '#lib/format/money.ts';
import { t } from '#lib/i18n/i18n.svelte.ts';

export type Part = Schemas['CommissionPart'];

function partText(part: Part): string {
	if (part.kind === 'fixed') return t('commission.fixed', { amount: formatMoney(part.amount) });
	const bounds = [
		t('commission.percent', { percent: part.percent }),
		part.min && t('commission.min', { amount: formatMoney(part.min) }),
		part.max && t('commission.max', { amount: formatMoney(part.max) })
	];
	return bounds.filter(Boolean).join(', ');
}

export const partsText = (parts: readonly Part[]): string => parts.map(partText).join(' + ');
