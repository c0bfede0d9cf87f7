// How much can be put in at once.
import type { Schemas } from '#lib/api/client.ts';
import { parseRupees } from '#lib/format/money.ts';

type Limits = Pick<Schemas['Credit'], 'top_up_min' | 'top_up_max'>;

/** In paise. */
const OFFERED = [50_00, 100_00, 500_00];

/** The round amounts that may be put in, in paise. */
export const chipsOf = ({ top_up_min, top_up_max }: Limits): readonly number[] =>
	OFFERED.filter((minor) => minor >= top_up_min.minor && minor <= top_up_max.minor);

/** Paise from what the keypad shows; nothing where that is no amount, or too little or too much. */
export function amountOf(typed: string, { top_up_min, top_up_max }: Limits): number | undefined {
	const minor = parseRupees(typed);
	return minor !== undefined && minor >= top_up_min.minor && minor <= top_up_max.minor ? minor : undefined;
}
