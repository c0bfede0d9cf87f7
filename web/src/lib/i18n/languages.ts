// The interface languages, each by its own name.
import type { components } from '#lib/api/schema.d.ts';

export type Language = components['schemas']['Language'];

/** In the order in which people are shown them: by number of speakers in India, English first. */
export const LANGUAGES: readonly { code: Language; name: string }[] = [
	{ code: 'en', name: 'English' },
	{ code: 'hi', name: 'हिन्दी' },
	{ code: 'bn', name: 'বাংলা' },
	{ code: 'mr', name: 'मराठी' },
	{ code: 'te', name: 'తెలుగు' },
	{ code: 'ta', name: 'தமிழ்' },
	{ code: 'gu', name: 'ગુજરાતી' },
	{ code: 'ur', name: 'اردو' },
	{ code: 'kn', name: 'ಕನ್ನಡ' },
	{ code: 'or', name: 'ଓଡ଼ିଆ' },
	{ code: 'ml', name: 'മലയാളം' },
	{ code: 'pa', name: 'ਪੰਜਾਬੀ' },
	{ code: 'as', name: 'অসমীয়া' }
];

export const isLanguage = (code: string): code is Language => LANGUAGES.some((l) => l.code === code);

/** Of all of them Urdu alone is written from right to left. */
export const directionOf = (code: string): 'ltr' | 'rtl' => (code === 'ur' ? 'rtl' : 'ltr');

export const ownName = (code: string): string => LANGUAGES.find((l) => l.code === code)?.name ?? code;

/** The first of the browser's languages that the app speaks; English where it speaks none. */
export function preferred(wanted: readonly string[]): Language {
	for (const tag of wanted) {
		const base = tag.toLowerCase().split('-')[0] ?? '';
		if (isLanguage(base)) return base;
	}
	return 'en';
}
