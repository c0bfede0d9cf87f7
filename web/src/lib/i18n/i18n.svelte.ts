// The language of the screen and its catalogue. One of each for the whole app; a catalogue is fetched when first wanted.
import { browser } from '$app/env';
import type en from './en.json';
import { directionOf, isLanguage, preferred, type Language } from './languages.ts';
import { fill, type Catalogue, type Values } from './message.ts';

/** Every message there is; `en.json` is the measure of the others. */
export type Key = keyof typeof en;

const STORED = 'language';
const catalogues = import.meta.glob<Catalogue>('./*.json', { import: 'default' });

class I18n {
	language = $state<Language>('en');
	#catalogue = $state.raw<Catalogue>({});

	get direction(): 'ltr' | 'rtl' {
		return directionOf(this.language);
	}

	/** Loads the language that was chosen here before, else the browser's. */
	async start(): Promise<void> {
		await this.use(browser ? (remembered() ?? preferred(navigator.languages)) : 'en');
	}

	/** Switches the screen to `language`. Where its catalogue cannot be had (offline, never fetched), the screen stays as it is. */
	async use(language: Language): Promise<void> {
		try {
			this.#catalogue = await load(language);
		} catch (unreachable) {
			if (Object.keys(this.#catalogue).length > 0) return;
			throw unreachable;
		}
		this.language = language;
		if (!browser) return;
		document.documentElement.lang = language;
		document.documentElement.dir = this.direction;
	}

	/** As `use`, and remembered on this phone. */
	async choose(language: Language): Promise<void> {
		await this.use(language);
		try {
			localStorage.setItem(STORED, language);
		} catch {
			// Storage is off in some private windows: the choice then lasts as long as the page.
		}
	}

	t = (key: Key, values?: Values): string => {
		const message = this.#catalogue[key];
		return message === undefined ? key : fill(message, this.language, values);
	};
}

/** One catalogue, whatever the screen's language is: the poster says its line in several. */
export async function load(language: Language): Promise<Catalogue> {
	const found = catalogues[`./${language}.json`];
	if (!found) throw new Error(`no catalogue for ${language}`);
	return found();
}

function remembered(): Language | undefined {
	try {
		const stored = localStorage.getItem(STORED);
		return stored && isLanguage(stored) ? stored : undefined;
	} catch {
		return undefined;
	}
}

export const i18n = new I18n();
export const t = i18n.t;
