// A commission rule as an operator types it. Pure.
import type { Schemas } from '#lib/api/client.ts';
import { parseRupees } from '#lib/format/money.ts';

export type Part = Schemas['CommissionPart'];
export interface Typed {
	percent: string;
	least: string;
	most: string;
	fixed: string;
}

/** The parts of a rule; nothing where something typed is none, or where there is no part. */
export function partsOf(typed: Typed): Part[] | undefined {
	const [percent, least, most, fixed] = [typed.percent, typed.least, typed.most, typed.fixed].map((text) => text.trim());
	const money = (text: string | undefined) => (text ? parseRupees(text) : null);
	const [min, max, amount] = [money(least), money(most), money(fixed)];
	if ([min, max, amount].includes(undefined)) return undefined;
	if (percent ? !/^\d{1,2}(\.\d{1,2})?$/.test(percent) || Number(percent) > 50 : min !== null || max !== null) return undefined;
	const rupees = (minor: number) => ({ minor, currency: 'INR' as const });
	const parts: Part[] = [];
	if (percent) parts.push({ kind: 'percent', percent, ...(min ? { min: rupees(min) } : {}), ...(max ? { max: rupees(max) } : {}) });
	if (amount) parts.push({ kind: 'fixed', amount: rupees(amount) });
	return parts.length > 0 ? parts : undefined;
}
