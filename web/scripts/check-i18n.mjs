// Every language has every message, with the same gaps and the plural forms its grammar needs; every key that the code uses exists and
// every key is used. Exits 1 with what is missing.
import { readFileSync, readdirSync } from 'node:fs';
import { ROOT } from './root.mjs';

const I18N = `${ROOT}/src/lib/i18n`;
const LANGUAGES = ['en', 'hi', 'bn', 'ta', 'te', 'mr', 'gu', 'kn', 'ml', 'pa', 'or', 'as', 'ur'];
const faults = [];

function read(language) {
	try {
		return JSON.parse(readFileSync(`${I18N}/${language}.json`, 'utf8'));
	} catch (error) {
		faults.push(`${language}: ${error.message}`);
		return {};
	}
}

const forms = (message) => (typeof message === 'string' ? [message] : Object.values(message));
const gapsOf = (text) => [...new Set(text.match(/\{\w+\}/g))].sort().join(' ');

function compare(language, en, other) {
	for (const key of Object.keys(en)) if (!(key in other)) faults.push(`${language}: ${key} is missing`);
	const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
	for (const [key, message] of Object.entries(other)) {
		if (!(key in en)) {
			faults.push(`${language}: ${key} is not in en.json`);
			continue;
		}
		if (typeof message !== typeof en[key]) faults.push(`${language}: ${key} has plural forms in one language only`);
		const wanted = gapsOf(forms(en[key]).join(' '));
		// A form for exactly one or two things may leave the number to the words.
		for (const [category, text] of Object.entries(typeof message === 'string' ? { other: message } : message)) {
			if (text.trim() === '') faults.push(`${language}: ${key} is empty`);
			if (category === 'other' && gapsOf(text) !== wanted) faults.push(`${language}: ${key} has the gaps ${gapsOf(text) || 'none'}, not ${wanted || 'none'}`);
			if (category !== 'other' && !categories.includes(category)) faults.push(`${language}: ${key} has a form ${category} that the language does not know`);
		}
	}
}

const en = read('en');
for (const language of LANGUAGES.filter((l) => l !== 'en')) compare(language, en, read(language));

// Keys in code: whole ones in quotes, and the beginnings of those that are put together (`state.${…}`).
const sources = readdirSync(`${ROOT}/src`, { recursive: true }).filter((name) => /\.(svelte|ts)$/.test(name) && !name.endsWith('.d.ts'));
const code = sources.map((name) => readFileSync(`${ROOT}/src/${name}`, 'utf8')).join('\n');
const whole = new Set([...code.matchAll(/['"`]([a-z][\w-]*(?:\.[\w-]+)+)['"`]/g)].map((match) => match[1]));
const begun = [...code.matchAll(/[`'"]([a-z][\w-]*\.(?:[\w-]+[.-])*)(?:\$\{|['"]\s*\+)/g)].map((match) => match[1]);
for (const key of Object.keys(en)) {
	if (!whole.has(key) && !begun.some((start) => key.startsWith(start))) faults.push(`en: ${key} is used nowhere`);
}

console.log(faults.length > 0 ? faults.join('\n') : `messages: ${Object.keys(en).length} in ${LANGUAGES.length} languages`);
process.exit(faults.length > 0 ? 1 : 0);
