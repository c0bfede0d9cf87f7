// What people and phones agree to. The wording is in the catalogues; whoever changes what it says gives it the next number, here and on the server.
import { buyerApi, take, vendorApi, type Schemas, type Side } from '#lib/api/client.ts';
import { i18n } from '#lib/i18n/i18n.svelte.ts';

export type Consent = Schemas['Consent'];
export type Purpose = Schemas['Purpose'];

const NOTICE = { outside_providers: 2, kept_recordings: 2, news: 1 } as const satisfies Record<Purpose, number>;

export const list = (side: Side) =>
	take(side === 'buyer' ? buyerApi.GET('/passes/consents') : vendorApi.GET('/me/consents'));

/** Decides, and gives what stands then. `byGuardian`: a parent or guardian does, for a child. */
export function decide(side: Side, purpose: Purpose, given: boolean, byGuardian = false) {
	const body = { given, notice: NOTICE[purpose], language: i18n.language, by_guardian: byGuardian };
	const call = { params: { path: { purpose } }, body };
	return take(
		side === 'buyer' ? buyerApi.PUT('/passes/consents/{purpose}', call) : vendorApi.PUT('/me/consents/{purpose}', call)
	);
}

/** What is said with a call that needs it. */
export const agreement = (purpose: Purpose, byGuardian = false) => ({ purpose, notice: NOTICE[purpose], by_guardian: byGuardian });

/** Whether a parent or guardian agreed to anything here, for a child. */
export const isChilds = (consents: readonly Consent[]): boolean => consents.some(({ by_guardian }) => by_guardian);
