// How a message came to read as it does, in words.
import type { Schemas } from '#lib/api/client.ts';
import { problemOf } from '#lib/api/problem.ts';
import { t } from '#lib/i18n/i18n.svelte.ts';

const PROVIDERS: Record<string, string> = { bhashini: 'BHASHINI' };

/** Why a recording became no message. */
export const refusalOf = ({ refused_because: slug }: Schemas['Message']): string =>
	slug ? t(problemOf(0, { type: `/problems/${slug}` }).sentence) : t('message.refused');

/** Nothing for what is shown in its speaker's own words. */
export function madeBy({ made_by, original, language }: Schemas['Message']): string | undefined {
	if (made_by === 'exact') return original.language === language ? undefined : t('made.exact');
	if (made_by === 'pending') return t('made.pending');
	if (made_by === 'not-translated') return t('made.not-translated');
	if (!made_by.startsWith('provider:')) return undefined;
	const id = made_by.slice('provider:'.length);
	return t('made.translated-by', { provider: PROVIDERS[id] ?? id });
}
