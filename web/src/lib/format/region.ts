// Countries by their codes, as the reader's language calls them.

/** `in`, `np` as a list of names; a code that no language knows stays a code. */
export function regionNames(codes: readonly string[], language: string): string {
	const names = new Intl.DisplayNames([language, 'en'], { type: 'region' });
	const name = (code: string) => names.of(code.toUpperCase()) ?? code;
	return new Intl.ListFormat(language).format(codes.map(name));
}
