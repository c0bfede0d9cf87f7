// When goods run low: nothing left, or a tenth of what is on hand still free while buyers hold the rest.
import type { Schemas } from '#lib/api/client.ts';
import { milli } from '#lib/format/quantity.ts';

const FREE_PART_MIN = 10n;

export function runsLow(stock: Schemas['Stock']): boolean {
	const [available, onHand] = [milli(stock.available) ?? 0n, milli(stock.on_hand) ?? 0n];
	return available === 0n || available * FREE_PART_MIN < onHand;
}
