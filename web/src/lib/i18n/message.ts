// What a message is and how its gaps are filled. Pure: the catalogue and the language are given.

/** Forms by plural category; `other` is always there. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Catalogue = Record<string, string | Plural>;
export type Values = Record<string, string | number>;

const rules = new Map<string, Intl.PluralRules>();
const grouped = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 3 });

function categoryOf(language: string, count: number): Intl.LDMLPluralRule {
	let rule = rules.get(language);
	if (!rule) rules.set(language, (rule = new Intl.PluralRules(language)));
	return rule.select(count);
}

/**
 * The message with its gaps filled: `{name}` from `values`, numbers grouped the Indian way in Latin digits. Plural forms go by
 * `values.n`. A gap without a value stays as it is, so that it is seen.
 */
export function fill(message: string | Plural, language: string, values: Values = {}): string {
	const pattern =
		typeof message === 'string' ? message : (message[categoryOf(language, Number(values.n ?? 0))] ?? message.other);
	return pattern.replace(/\{(\w+)\}/g, (gap, name: string) => {
		const value = values[name];
		if (value === undefined) return gap;
		return typeof value === 'number' ? grouped.format(value) : value;
	});
}
