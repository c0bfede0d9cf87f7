// The ways in, for the pages that lead there.
import { take, vendorApi, type Schemas } from '#lib/api/client.ts';
import type { Answer } from './passkey.ts';
import { session } from './session.svelte.ts';

export async function signUp(body: Schemas['NewAccount']): Promise<void> {
	await take(vendorApi.POST('/accounts', { body }));
	await session.load();
}

/** A code to open an account goes to a number; gives what names it. */
export async function askToOpenByPhone(body: Schemas['OpeningByPhone']): Promise<string> {
	return (await take(vendorApi.POST('/accounts/codes', { body }))).ticket;
}

export async function openByCode(body: Schemas['NewAccountByCode']): Promise<void> {
	await take(vendorApi.POST('/accounts/by-code', { body }));
	await session.load();
}

/** A link to open an account goes to an address. */
export async function askToOpen(body: Schemas['OpeningRequest']): Promise<void> {
	await take(vendorApi.POST('/accounts/links', { body }));
}

/** Afterwards somebody is signed in, or nobody: then a code is asked for. */
export async function signIn(body: Schemas['Credentials']): Promise<void> {
	await take(vendorApi.POST('/sessions', { body }));
	await session.load();
}

/** A passkey alone, or in place of the code. */
export async function giveAnswer(credential: Answer): Promise<void> {
	await take(vendorApi.POST('/sessions/passkey', { body: { credential } }));
	await session.load();
}

/** The second step: a code of the person's app, or a recovery code. */
export async function giveCode(code: string): Promise<void> {
	await take(vendorApi.POST('/sessions/second-step', { body: { code } }));
	await session.load();
}
