// Why stock changed, in words.
import { t } from '#lib/i18n/i18n.svelte.ts';

const KINDS = ['opened', 'counted', 'bought', 'spoilt', 'held', 'released', 'expired', 'sold', 'returned'] as const;

/** A kind this version does not know is shown by its code rather than hidden. */
export function movementText(kind: string): string {
	const known = KINDS.find((k) => k === kind);
	return known ? t(`stock.kind.${known}`) : kind;
}
