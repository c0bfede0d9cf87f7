// What plans are called.
import type { Schemas } from '#lib/api/client.ts';
import { t } from '#lib/i18n/i18n.svelte.ts';

/** The operator names plans; the one that nobody pays for has a name in every language. */
export const nameOf = ({ code, name }: Schemas['Plan']): string => (code === 'free' ? t('plan.state.free') : name);

/** What a plan costs, paid so. */
export const priceOf = (plan: Schemas['Plan'], term: Schemas['Term']): Schemas['Money'] => plan[term];
