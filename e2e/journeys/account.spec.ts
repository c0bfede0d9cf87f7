// Somebody guards their account: another name, codes at sign-in, a second device that is signed out, and being asked once more.
import { expect, test, type Page } from '@playwright/test';
import { inspect, phone, withPhones } from '../phone.ts';
import { openStall, PASSWORD, type Stall } from '../stall.ts';
import { totpApp } from '../totp.ts';
import { words } from '../words.ts';

test('codes at sign-in, devices, and being asked once more', async () => {
	test.slow();
	const [own, other] = [await phone(), await phone()];
	const [o, p] = [own.page, other.page];
	await withPhones([own, other], async () => {
		const stall = await openStall(o);
		await test.step('the profile is changed', () => profile(o));
		const { code, recovery } = await test.step('codes are turned on', () => turnOn(o));
		await test.step('signing in takes a code', () => signIn(o, stall, code()));
		await test.step('another device gets in by a recovery code and is signed out', () => devices(o, p, stall, recovery[0] ?? ''));
		await test.step('whoever gives rights is asked once more', () => confirm(o, recovery[1] ?? ''));
	});
});

async function profile(o: Page) {
	await o.goto('/v/settings');
	await o.getByRole('link', { name: 'My account' }).click();
	await o.waitForURL('**/v/account');
	await o.getByLabel('Your name').fill('Meena Kumari');
	await o.getByRole('button', { name: 'Save' }).click();
	await expect(o.getByText('Saved.')).toBeVisible();
	await inspect(o, 'account');
	await o.getByText('தமிழ்').click();
	await expect(o.getByRole('heading', { name: words('ta')['me.devices'] ?? '' })).toBeVisible();
	await o.getByText('English').click();
	await expect(o.getByText('Name or language changed').first()).toBeVisible();
}

async function turnOn(o: Page): Promise<{ code: () => string; recovery: string[] }> {
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

async function signIn(page: Page, stall: Stall, code: string) {
	await page.request.delete('/api/v1/sessions/current');
	await page.goto('/v/sign-in?to=/v/account');
	await page.getByLabel('Mobile number').fill(stall.phone);
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page.getByText('Enter the code that your app shows.')).toBeVisible();
	await inspect(page, 'sign-in-code');
	await page.getByLabel('Code').fill(code);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.waitForURL('**/v/account');
}

async function devices(o: Page, p: Page, stall: Stall, recovery: string) {
	await signIn(p, stall, recovery.toLowerCase());
	await o.reload();
	const list = o.getByRole('list', { name: 'Where you are signed in' });
	await expect(list.getByRole('listitem')).toHaveCount(2);
	await expect(o.getByText('A recovery code was used')).toBeVisible();
	await o.getByRole('button', { name: 'Sign out everywhere else' }).click();
	await expect(list.getByRole('listitem')).toHaveCount(1);
	await expect(o.getByText('All other devices were signed out')).toBeVisible();
	await p.goto('/v/account');
	await p.waitForURL('**/v/sign-in*');
}

/** A session for another business begins without a sign-in: what gives rights asks for a code, of whoever has codes. */
async function confirm(o: Page, code: string) {
	const opened = await o.request.post('/api/v1/businesses', { data: { name: 'Second stall' } });
	expect(opened.ok()).toBe(true);
	await o.goto('/v/team');
	await o.getByRole('button', { name: 'Invite somebody' }).click();
	const sheet = o.getByRole('dialog', { name: 'Invite somebody' });
	await sheet.getByRole('button', { name: 'Invite somebody' }).click();
	const asked = o.getByRole('dialog', { name: 'Is it you?' });
	await asked.getByLabel('Code').fill('000000');
	await asked.getByRole('button', { name: 'Go on' }).click();
	await expect(asked.getByText('This code is wrong or was used. Wait for the next one.')).toBeVisible();
	await inspect(o, 'account-confirm');
	await asked.getByLabel('Code').fill(code);
	await asked.getByRole('button', { name: 'Go on' }).click();
	await expect(sheet.getByText(/\/join#/)).toBeVisible();
}
