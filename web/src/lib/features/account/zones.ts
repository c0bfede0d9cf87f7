// Names of time zones.

/** What a browser knows, with the one that is chosen: browsers call some zones by their older names. */
export function zonesWith(chosen: string, known: readonly string[]): string[] {
	return known.includes(chosen) ? [...known] : [chosen, ...known];
}
