// What keeps passkeys in a phone: its owner always shows the right finger.
import type { Page } from '@playwright/test';
import { inspect } from './phone.ts';

/** Passkeys are bound to a name: on this machine that is `localhost`, whose pages alone may use them. */
export const HERE = 'http://localhost:18080';

export async function lock(page: Page): Promise<void> {
	const browser = await page.context().newCDPSession(page);
	await browser.send('WebAuthn.enable');
	await browser.send('WebAuthn.addVirtualAuthenticator', {
		options: {
			protocol: 'ctap2',
			transport: 'internal',
			hasResidentKey: true,
			hasUserVerification: true,
			isUserVerified: true,
			automaticPresenceSimulation: true
		}
	});
}

/** Adds a passkey on the page of the account. */
export async function addPasskey(o: Page, name: string): Promise<void> {
	await o.getByRole('button', { name: 'Add a passkey' }).click();
	const sheet = o.getByRole('dialog', { name: 'Add a passkey' });
	await sheet.getByLabel('Name of the device').fill(name);
	await inspect(o, 'account-passkey');
	await sheet.getByRole('button', { name: 'Add a passkey' }).click();
}
