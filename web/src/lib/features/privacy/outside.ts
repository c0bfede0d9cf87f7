// Providers elsewhere: who is asked about them, and how it is said. Apart from the rest, for a visit never asks.
import { regionNames } from '#lib/format/region.ts';
import { i18n, t } from '#lib/i18n/i18n.svelte.ts';
import type { Consent } from './consents.ts';

/** The consent to providers elsewhere, where somebody has not decided about it yet; none where nobody elsewhere gets anything. */
export const unasked = (consents: readonly Consent[]): Consent | undefined =>
	consents.find(({ purpose, given, recipients }) => purpose === 'outside_providers' && given === undefined && recipients.length > 0);

/** Who elsewhere gets what is said, and in which countries they work. */
export function outsideHelp({ recipients, regions }: Consent): string {
	const who = t('consent.outside-help', { names: new Intl.ListFormat(i18n.language).format(recipients) });
	return regions.length > 0 ? `${who} ${t('consent.works-in', { names: regionNames(regions, i18n.language) })}` : who;
}
