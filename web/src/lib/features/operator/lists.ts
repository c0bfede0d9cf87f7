// What the operator's lists are asked, and the states they can be in, in words.
import type { Schemas } from '#lib/api/client.ts';
import { t } from '#lib/i18n/i18n.svelte.ts';

export interface Query<State extends string> {
	state?: State;
	before?: string;
	limit: number;
}

const KNOWN = ['open', 'left', 'closed', 'received', 'done', 'ignored', 'failed', 'ready', 'running', 'paused', 'dead', 'answered'] as const;

/** A state this version does not know is shown by its code rather than hidden. */
export function stateText(state: string): string {
	const known = KNOWN.find((k) => k === state);
	return known ? t(`operator.is.${known}`) : state;
}

/** Where money on its way back stands. */
export function refundText(state: Schemas['RefundState']): string {
	return state === 'processed' ? t('order.state.refunded') : t(`operator.is.${state}`);
}
