// What a dispute is, in words.
import type { Schemas } from '#lib/api/client.ts';
import { t } from '#lib/i18n/i18n.svelte.ts';

type Dispute = Schemas['Dispute'];

export const DISPUTE_STATES = ['open', 'evidence_sent', 'under_review', 'won', 'lost', 'accepted', 'expired', 'closed'] as const;

export const stateOf = (state: Dispute['state']): string => t(`dispute.is.${state}`);

/** The banks' codes, by the words that they have in common; each bank and card network spells its own. */
const REASONS: readonly [RegExp, 'fraud' | 'not-received' | 'not-as-described' | 'twice' | 'not-refunded'][] = [
	[/fraud|unrecognized|unauthori[sz]ed/, 'fraud'],
	[/not_received|not_provided|non_receipt/, 'not-received'],
	[/not_as_described|unacceptable|defective|quality/, 'not-as-described'],
	[/duplicate|twice|already_paid/, 'twice'],
	[/credit_not|refund_not|cancel/, 'not-refunded']
];

/** Why, in market words; a code of another kind is only said to be the bank's. */
export function reasonOf(code: string): string {
	const known = REASONS.find(([pattern]) => pattern.test(code.toLowerCase()));
	return t(`dispute.reason.${known?.[1] ?? 'other'}`);
}

/** Whether something has to be done. */
export const waits = (dispute: Pick<Dispute, 'state' | 'answer'>): boolean => dispute.state === 'open' && !dispute.answer;
