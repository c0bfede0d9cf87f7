// Somebody signs in by an account elsewhere: unknown at first, linked once by its person, enough from then on, and unlinked.
import { expect, test, type Page } from '@playwright/test';
import { inspect, phone, withPhones } from '../phone.ts';
import { freshNumber, PASSWORD } from '../stall.ts';

test('an account elsewhere signs in whoever linked it', async () => {
	const own = await phone();
	const o = own.page;
	await withPhones([own], async () => {
		await test.step('an account that is nobody’s signs nobody in', () => arrive(o, 'Elsewhere', 'http://127.0.0.1:18094'));
		await inspect(o, 'sign-in-elsewhere');
		await test.step('whoever opens an account links it', () => link(o, 'Elsewhere'));
		await inspect(o, 'account-elsewhere');
		await test.step('it is enough from then on', () => signIn(o, 'Elsewhere'));
		await test.step('it is unlinked', () => unlink(o));
	});
});

test('an account at an issuer of another site that answers with a form signs in, too', async () => {
	const own = await phone();
	const o = own.page;
	const forms: string[] = [];
	o.on('request', (asked) => {
		if (asked.method() === 'POST' && asked.url().endsWith('/sessions/openid/return')) forms.push(asked.postData() ?? '');
	});
	await withPhones([own], async () => {
		await test.step('the browser comes back with a form, and is known', () => arrive(o, 'By form', 'http://localhost:18095'));
		expect(forms).toHaveLength(1);
		expect(forms[0]).toContain('state=');
		await test.step('whoever opens an account links it', () => link(o, 'By form'));
		await test.step('it is enough from then on', () => signIn(o, 'By form'));
		expect(forms).toHaveLength(2);
	});
});

async function arrive(o: Page, name: string, issuer: string) {
	await o.goto('/v/sign-in');
	await o.getByRole('button', { name: `Go on with ${name}` }).click();
	await o.waitForURL(`${issuer}/**`);
	await o.locator('input[name=login]').fill(`meena-${freshNumber()}`);
	await o.locator('input[name=password]').fill('any');
	await o.locator('button[type=submit]').click();
	await o.getByRole('button', { name: 'Continue' }).click();
	await o.waitForURL(/\/v\/sign-in\?/);
	await expect(o.getByText('That account is not known here yet.')).toBeVisible();
}

async function link(o: Page, name: string) {
	await o.getByRole('link', { name: 'I have no account yet' }).click();
	await o.getByLabel('Your name').fill('Meena');
	await o.getByLabel('Mobile number').fill(freshNumber());
	await o.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await o.getByRole('button', { name: 'Open stall' }).click();
	await o.waitForURL('**/v/account');
	await o.getByRole('button', { name: `Link ${name}` }).click();
	const list = o.getByRole('list', { name: 'Accounts elsewhere' });
	await expect(list.getByText(/meena-.*@example\.org/)).toBeVisible();
	await expect(o.getByText('Account elsewhere linked')).toBeVisible();
}

async function signIn(o: Page, name: string) {
	await o.request.delete('/api/v1/sessions/current');
	await o.goto('/v/sign-in');
	// The issuer remembers who is there, and asks nothing.
	await o.getByRole('button', { name: `Go on with ${name}` }).click();
	await o.waitForURL('**/v');
}

async function unlink(o: Page) {
	await o.goto('/v/account');
	await o.getByRole('button', { name: 'Unlink' }).click();
	await expect(o.getByText('Account elsewhere unlinked')).toBeVisible();
	await expect(o.getByRole('list', { name: 'Accounts elsewhere' })).toHaveCount(0);
}
