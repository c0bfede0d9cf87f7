// What plans are called, and how they are paid.
import type { Schemas } from '#lib/api/client.ts';
import { formatMoney } from '#lib/format/money.ts';
import { day } from '#lib/format/time.ts';
import { i18n, t } from '#lib/i18n/i18n.svelte.ts';

/** The operator names plans; the one that nobody pays for has a name in every language. */
export const nameOf = ({ code, name }: Schemas['Plan']): string => (code === 'free' ? t('plan.state.free') : name);

/** What a plan costs, paid so. */
export const priceOf = (plan: Schemas['Plan'], term: Schemas['Term']): Schemas['Money'] => plan[term];

/** What is taken from a kept way to pay, or could not be. */
export const chargeText = ({ state, from, amount, at }: Schemas['PlanCharge']): string =>
	t(`cards.charge-${state}`, { from, amount: formatMoney(amount), day: day(at, i18n.language) });
