// The interface languages, each by its own name.
import type { components } from '#lib/api/schema.d.ts';

export type Language = components['schemas']['Language'];

/** In the order in which people are shown them: by number of speakers in India, English first. */
export const LANGUAGES: readonly { code: Language; name: string; direction: 'ltr' | 'rtl' }[] = [
	{ code: 'en', name: 'English', direction: 'ltr' },
	{ code: 'hi', name: 'हिन्दी', direction: 'ltr' },
	{ code: 'bn', name: 'বাংলা', direction: 'ltr' },
	{ code: 'mr', name: 'मराठी', direction: 'ltr' },
	{ code: 'te', name: 'తెలుగు', direction: 'ltr' },
	{ code: 'ta', name: 'தமிழ்', direction: 'ltr' },
	{ code: 'gu', name: 'ગુજરાતી', direction: 'ltr' },
	{ code: 'ur', name: 'اردو', direction: 'rtl' },
	{ code: 'kn', name: 'ಕನ್ನಡ', direction: 'ltr' },
	{ code: 'or', name: 'ଓଡ଼ିଆ', direction: 'ltr' },
	{ code: 'ml', name: 'മലയാളം', direction: 'ltr' },
	{ code: 'pa', name: 'ਪੰਜਾਬੀ', direction: 'ltr' },
	{ code: 'as', name: 'অসমীয়া', direction: 'ltr' }
];

export const isLanguage = (code: string): code is Language => LANGUAGES.some((l) => l.code === code);

export const directionOf = (code: string): 'ltr' | 'rtl' =>
	LANGUAGES.find((l) => l.code === code)?.direction ?? 'ltr';

export const ownName = (code: string): string => LANGUAGES.find((l) => l.code === code)?.name ?? code;

/** The first of the browser's languages that the app speaks; English where it speaks none. */
export function preferred(wanted: readonly string[]): Language {
	for (const tag of wanted) {
		const base = tag.toLowerCase().split('-')[0] ?? '';
		if (isLanguage(base)) return base;
	}
	return 'en';
}
