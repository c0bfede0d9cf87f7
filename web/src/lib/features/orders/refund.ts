// What goes back of an order, from what was typed. Pure.
import type { Schemas } from '#lib/api/client.ts';
import { parseRupees } from '#lib/format/money.ts';

/** How a refund is asked for, by whoever may. */
export interface RefundAsk {
	preview: (what: Schemas['RefundOf']) => Promise<Schemas['RefundPreview']>;
	give: (refund: Schemas['NewRefund']) => Promise<void>;
}

export interface Draft {
	kind: Schemas['RefundOf']['kind'];
	/** What was typed, by the line's place. */
	quantities: Record<number, string>;
	restock: boolean;
	rupees: string;
}

const QUANTITY = /^\d{1,7}(\.\d{1,3})?$/;

/** How much of a line's goods has not come back. */
export const left = (line: Pick<Schemas['OrderLine'], 'quantity' | 'returned'>): number =>
	(Math.round(Number(line.quantity) * 1000) - Math.round(Number(line.returned ?? '0') * 1000)) / 1000;

/** What is asked for; nothing where it is not whole yet. */
export function whatOf(draft: Draft): Schemas['RefundOf'] | undefined {
	const { kind, restock } = draft;
	if (kind === 'rest') return { kind, restock };
	if (kind === 'money') {
		const minor = parseRupees(draft.rupees.trim());
		return minor === undefined ? undefined : { kind, amount: { minor, currency: 'INR' } };
	}
	const typed = Object.entries(draft.quantities).map(([line, quantity]) => ({ line: Number(line), quantity: quantity.trim(), restock }));
	const lines = typed.filter(({ quantity }) => quantity !== '');
	const good = lines.length > 0 && lines.every(({ quantity }) => QUANTITY.test(quantity) && Number(quantity) > 0);
	return good ? { kind, lines } : undefined;
}
