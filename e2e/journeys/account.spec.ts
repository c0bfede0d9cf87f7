// Somebody guards their account: another name, codes at sign-in, a second device that is signed out, and being asked once more.
import { expect, test, type Page } from '@playwright/test';
import { signInWithCode, turnOn } from '../codes.ts';
import { inspect, phone, withPhones } from '../phone.ts';
import { openStall, PASSWORD, type Stall } from '../stall.ts';
import { words } from '../words.ts';

test('codes at sign-in, devices, and being asked once more', async () => {
	test.slow();
	const [own, other] = [await phone(), await phone()];
	const [o, p] = [own.page, other.page];
	await withPhones([own, other], async () => {
		const stall = await openStall(o);
		await test.step('the profile is changed', () => profile(o));
		const { code, recovery } = await test.step('codes are turned on', () => turnOn(o));
		await test.step('signing in takes a code', () => signInWithCode(o, stall.phone, PASSWORD, code()));
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
	await o.getByLabel('Time zone').selectOption('Europe/London');
	await expect(o.getByLabel('Time zone')).toHaveValue('Europe/London');
	await o.getByText('தமிழ்').click();
	await expect(o.getByRole('heading', { name: words('ta')['me.devices'] ?? '' })).toBeVisible();
	await o.getByText('English').click();
	await expect(o.getByText('Name, language or time zone changed').first()).toBeVisible();
}

async function devices(o: Page, p: Page, stall: Stall, recovery: string) {
	await signInWithCode(p, stall.phone, PASSWORD, recovery.toLowerCase());
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
