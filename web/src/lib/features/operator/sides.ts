// Whose side of the money was compared.
import { t } from '#lib/i18n/i18n.svelte.ts';

/** A gateway by its own name, the platform's bank in words. */
export const sideText = (side: string): string => (side === 'bank' ? t('operator.bank') : side);
