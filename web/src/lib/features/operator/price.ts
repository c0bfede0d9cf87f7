// The versions of the providers' prices: which one is in force. Pure.
import type { Schemas } from '#lib/api/client.ts';

type Price = Schemas['WorkPrice'];
export type Standing = 'planned' | 'current' | 'replaced';

/** Where a version stands at `now` among all of them: the last one to have begun is in force. */
export function standingOf(price: Price, all: readonly Price[], now: number): Standing {
	const begins = Date.parse(price.effective_from);
	if (begins > now) return 'planned';
	const follows = (p: Price) => {
		const other = Date.parse(p.effective_from);
		return other <= now && (other > begins || (other === begins && p.id > price.id));
	};
	return all.some((p) => sameWork(p, price) && follows(p)) ? 'replaced' : 'current';
}

const sameWork = (a: Price, b: Price): boolean => a.provider === b.provider && a.model === b.model && a.measure === b.measure;

/** What an operator counts in, by what the measure counts in: sound is counted in milliseconds and priced by the second, bytes by the megabyte. */
const UNITS = { audio_ms: 1000, speech_characters: 1, translation_characters: 1, stored_byte_days: 1_000_000 };
export const unitsPer = (measure: Price['measure']): number => UNITS[measure];

/** Whose price it is: what is kept is kept here. */
export const providerOf = (measure: Price['measure']): string => (measure === 'stored_byte_days' ? 'storage' : 'bhashini');
