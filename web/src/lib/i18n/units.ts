// Units and products in the reader's language.
import { formatNumber, type Unit } from '#lib/format/quantity.ts';
import { i18n, t } from './i18n.svelte.ts';

/** The unit alone: `kg`, `dozen`. */
export const unitName = (unit: Unit): string => t(`unit.${unit}`);

/** So much of it: `5 kg`, `1 dozen`. */
export const amountOf = (quantity: string, unit: Unit): string =>
	t(`amount.${unit}`, { n: Number(quantity), amount: formatNumber(quantity) });

/** The name in the reader's language, else in English, else whichever there is. */
export const nameOf = (names: Record<string, string>): string =>
	names[i18n.language] ?? names.en ?? Object.values(names)[0] ?? '';

/** The language `nameOf` speaks, for the `lang` attribute. */
export const languageOf = (names: Record<string, string>): string =>
	[i18n.language, 'en'].find((code) => code in names) ?? Object.keys(names)[0] ?? i18n.language;
