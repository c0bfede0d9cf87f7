// The poster's words in several languages at once.
import { dayAndTime } from '#lib/format/time.ts';
import { load } from '#lib/i18n/i18n.svelte.ts';
import type { Language } from '#lib/i18n/languages.ts';
import { fill } from '#lib/i18n/message.ts';

export interface Line {
	language: Language;
	invite: string;
	/** Until when the code works. */
	until: string;
}

/** The languages a poster begins with: the stall's, the two most spoken, and as many neighbours as fit. */
export function usual(stall: Language): Language[] {
	const common: Language[] = ['hi', 'en', 'ta', 'te', 'bn', 'mr', 'ur'];
	return [...new Set<Language>([stall, ...common])].slice(0, 6);
}

export async function lines(languages: readonly Language[], expires_at: string): Promise<Line[]> {
	return Promise.all(
		languages.map(async (language) => {
			const catalogue = await load(language);
			const time = dayAndTime(expires_at, language);
			return {
				language,
				invite: fill(catalogue['poster.invite'] ?? '', language),
				until: fill(catalogue['qr.valid-until'] ?? '', language, { time })
			};
		})
	);
}
