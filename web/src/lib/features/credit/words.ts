// What a use of credit was, in words.
import type { Schemas } from '#lib/api/client.ts';
import { t } from '#lib/i18n/i18n.svelte.ts';
import { megabytes, type Measure } from './usage.ts';

const KINDS = {
	translation_characters: 'capability.translation',
	audio_ms: 'capability.recognition',
	speech_characters: 'capability.speech',
	stored_byte_days: 'credit.storage'
} as const;

export const kindText = (measure: Measure): string => t(KINDS[measure]);

/** `84 characters`; sound in seconds, to a tenth; what was kept in megabytes. */
export function quantityText(measure: Measure, quantity: number): string {
	if (measure === 'stored_byte_days') return t('credit.megabytes', { n: megabytes(quantity) });
	return measure === 'audio_ms'
		? t('credit.seconds', { n: Math.round(quantity / 100) / 10 })
		: t('credit.characters', { n: quantity });
}

/** Where a top-up stands. */
export const topUpText = (state: Schemas['TopUpState']): string =>
	state === 'checking' || state === 'refused' ? t(`credit.hand.${state}`) : t(state === 'waiting' ? 'order.state.open' : `order.state.${state}`);

/** Through whom it is paid; a name that nobody translated stays as it is. */
export const gatewayText = (gateway: string): string =>
	gateway === 'razorpay' || gateway === 'stripe' || gateway === 'upi' ? t(`credit.by.${gateway}`) : gateway;

/** `visa` is `Visa`: names that no language translates. */
export const brandText = (brand: string): string => brand.charAt(0).toUpperCase() + brand.slice(1);

/** `12/2034` in the words of a language. */
export const monthText = (year: number, month: number, language: string): string =>
	new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', timeZone: 'UTC' }).format(Date.UTC(year, month - 1, 1));
