// What a screen says, by the catalogues that the app itself reads.
import { readFileSync } from 'node:fs';

export type Words = Readonly<Record<string, string>>;

/** The catalogue of a language. */
export function words(language: string): Words {
	return JSON.parse(readFileSync(new URL(`../web/src/lib/i18n/${language}.json`, import.meta.url), 'utf8')) as Words;
}
