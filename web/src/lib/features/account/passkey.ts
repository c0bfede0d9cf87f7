// Passkeys in this browser: where they can be used, made and shown.
import { take, vendorApi, type Schemas } from '#lib/api/client.ts';

/** What a browser answers, as the server reads it. */
export type Answer = Schemas['PasskeyAnswer']['credential'];

/** Whether this page can use passkeys that are bound to `name`, in this browser. */
export function canUse(name: string | undefined, hostname: string): boolean {
	if (!name || typeof PublicKeyCredential === 'undefined' || !('parseRequestOptionsFromJSON' in PublicKeyCredential)) return false;
	return hostname === name || hostname.endsWith(`.${name}`);
}

/** Asks for any passkey; nothing where the person chose none. */
export async function showPasskey(): Promise<Answer | undefined> {
	const { options } = await take(vendorApi.POST('/sessions/passkey-questions'));
	const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as unknown as PublicKeyCredentialRequestOptionsJSON);
	return chosen(() => navigator.credentials.get({ publicKey }));
}

/** Has this device make a passkey; nothing where the person changed their mind, or the device has one. */
export async function makePasskey(): Promise<Answer | undefined> {
	const { options } = await take(vendorApi.POST('/me/passkeys/questions'));
	const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as unknown as PublicKeyCredentialCreationOptionsJSON);
	return chosen(() => navigator.credentials.create({ publicKey }));
}

async function chosen(ask: () => Promise<Credential | null>): Promise<Answer | undefined> {
	try {
		const credential = await ask();
		return credential instanceof PublicKeyCredential ? (credential.toJSON() as unknown as Answer) : undefined;
	} catch (refused) {
		// Whoever turns the question away, or waits too long, has chosen none; a device that has one says so in the same way.
		if (refused instanceof DOMException) return undefined;
		throw refused;
	}
}
