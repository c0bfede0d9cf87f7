// What a use of credit was, in words.
import type { Schemas } from '#lib/api/client.ts';
import { t } from '#lib/i18n/i18n.svelte.ts';
import type { Measure } from './usage.ts';

const KINDS = { translation_characters: 'translation', audio_ms: 'recognition', speech_characters: 'speech' } as const;

export const kindText = (measure: Measure): string => t(`capability.${KINDS[measure]}`);

/** `84 characters`; sound in seconds, to a tenth. */
export const quantityText = (measure: Measure, quantity: number): string =>
	measure === 'audio_ms'
		? t('credit.seconds', { n: Math.round(quantity / 100) / 10 })
		: t('credit.characters', { n: quantity });

/** Where a top-up stands. */
export const topUpText = (state: Schemas['TopUpState']): string =>
	t(state === 'waiting' ? 'order.state.open' : `order.state.${state}`);
