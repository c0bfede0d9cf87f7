// What a line of the wallet is about, in words.
import { t } from '#lib/i18n/i18n.svelte.ts';

const KNOWN = ['sale', 'sale-by-vendor', 'refund', 'dispute', 'dispute-won', 'dispute-fee', 'dispute-tcs', 'payout', 'payout-returned', 'settled-from-credit', 'commission', 'fee'] as const;

/** A kind this version does not know is shown by its code rather than hidden. */
export function entryText(key: string): string {
	const known = KNOWN.find((k) => k === key);
	return known ? t(`wallet.kind.${known}`) : key;
}
