// Codes at sign-in: turned on on the page of the account, given after the password.
import { expect, type Page } from '@playwright/test';
import { inspect } from './phone.ts';
import { totpApp } from './totp.ts';

/** Turns codes on; gives the app that shows them, and the recovery codes. */
export async function turnOn(o: Page): Promise<{ code: () => string; recovery: string[] }> {
	await o.getByRole('button', { name: 'Turn codes on' }).click();
	const sheet = o.getByRole('dialog', { name: 'Turn codes on' });
	await expect(sheet.getByRole('img', { name: 'Turn codes on' })).toBeVisible();
	const key = await sheet.getByText(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/).textContent();
	await inspect(o, 'account-codes');
	const code = totpApp(key ?? '');
	await sheet.getByLabel('Code').fill(code());
	await sheet.getByRole('button', { name: 'Turn codes on' }).click();
	const recovery = o.getByRole('dialog', { name: 'Your recovery codes' });
	await expect(recovery.getByRole('listitem')).toHaveCount(10);
	const codes = await recovery.getByRole('listitem').allTextContents();
	await inspect(o, 'account-recovery');
	await recovery.getByRole('button', { name: 'I have kept them' }).click();
	await expect(o.getByText('Recovery codes left: 10')).toBeVisible();
	return { code, recovery: codes };
}

/** Signs in with a number or an address, the password and a code, and is at the page of the account then. */
export async function signInWithCode(page: Page, handle: string, password: string, code: string): Promise<void> {
	await page.request.delete('/api/v1/sessions/current');
	await page.goto('/v/sign-in?to=/v/account');
	// The page works once it has asked what there is.
	await expect(page.getByRole('button', { name: 'Go on with Elsewhere' })).toBeVisible();
	await page.getByLabel('Mobile number or e-mail').fill(handle);
	await page.getByLabel('Password', { exact: true }).fill(password);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page.getByText('Enter the code that your app shows.')).toBeVisible();
	await inspect(page, 'sign-in-code');
	await page.getByLabel('Code').fill(code);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.waitForURL('**/v/account');
}
