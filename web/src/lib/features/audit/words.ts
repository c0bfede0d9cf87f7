// What was done and about what, in words.
import type { Schemas } from '#lib/api/client.ts';
import { t } from '#lib/i18n/i18n.svelte.ts';

type Area = Schemas['AuditArea'];
type Deed = Schemas['AuditDeed'];

/** What acts can be about, in the order of the choice. */
export const AREAS = [
	'sign_ins', 'account', 'api_keys', 'team', 'visits', 'orders', 'refunds', 'disputes', 'payouts', 'payout_account', 'payment_profile', 'tax_profile', 'credits',
	'top_ups', 'tcs', 'moderation', 'switches', 'audit', 'personal_data', 'grievances', 'people', 'reconciliation', 'commission', 'prices', 'plans', 'coupons', 'webhooks', 'jobs', 'providers',
] as const satisfies readonly Area[];

/** What can be about one business. */
export const AREAS_OF_BUSINESS = AREAS.slice(0, 19);

export function areaText(area: Area): string {
	switch (area) {
		case 'sign_ins': return t('account.sign-in');
		case 'api_keys': return t('keys.title');
		case 'account': return t('me.title');
		case 'team': return t('team.title');
		case 'payout_account': return t('payout.account');
		case 'payment_profile': return t('settings.payment');
		case 'tax_profile': return t('settings.tax');
		case 'personal_data': return t('audit.personal-data');
		case 'top_ups': return t('operator.top-ups');
		default: return t(`operator.${area}`);
	}
}

export function deedText(deed: Deed): string {
	switch (deed) {
		case 'opened':
		case 'invited':
		case 'revoked':
		case 'joined':
		case 'role_changed':
		case 'removed':
		case 'left':
		case 'named':
		case 'factor_required':
		case 'factor_freed': return t(`team.act.${deed}`);
		case 'put_right': return t('operator.is.repaired');
		case 'left_as_it_is': return t('operator.is.dismissed');
		default: return t(`audit.did.${deed}`);
	}
}

/** Who did it: a person, nobody who was signed in, or whoever holds the server. */
export function whoText({ name, person_id, area }: Schemas['AuditEntry']): string {
	if (person_id) return name ?? '—';
	return area === 'sign_ins' ? t('audit.nobody') : t('audit.machine');
}
