// Where a payout stands, in words.
import type { Schemas } from '#lib/api/client.ts';
import { t } from '#lib/i18n/i18n.svelte.ts';

export const PAYOUT_STATES = ['failed', 'reversed', 'asked', 'pending', 'paid', 'cancelled'] as const;

export function payoutText(state: Schemas['PayoutState']): string {
	switch (state) {
		case 'paid':
		case 'cancelled':
			return t(`order.state.${state}`);
		case 'reversed':
			return t('wallet.kind.payout-returned');
		default:
			return t(`operator.is.${state}`);
	}
}
