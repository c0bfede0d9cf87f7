// Somebody's phone signs in by itself: a passkey is added, is enough without number and password, and is removed.
import { expect, test, type Page } from '@playwright/test';
import { addPasskey, HERE, lock } from '../lock.ts';
import { inspect, phone, withPhones } from '../phone.ts';
import { openStall } from '../stall.ts';

test('a passkey signs in alone', async () => {
	const own = await phone({ at: HERE });
	const o = own.page;
	await withPhones([own], async () => {
		await lock(o);
		await openStall(o);
		await test.step('a passkey is added', () => add(o));
		await test.step('it signs in without number and password', () => signIn(o));
		await test.step('it shows once more that it is the person', () => confirm(o));
		await test.step('it is removed', () => remove(o));
	});
});

async function add(o: Page) {
	await o.goto('/v/account');
	await addPasskey(o, 'My phone');
	const recovery = o.getByRole('dialog', { name: 'Your recovery codes' });
	await expect(recovery.getByRole('listitem')).toHaveCount(10);
	await recovery.getByRole('button', { name: 'I have kept them' }).click();
	const list = o.getByRole('list', { name: 'Passkeys' });
	await expect(list.getByRole('listitem')).toHaveCount(1);
	await expect(list.getByText('My phone')).toBeVisible();
	await inspect(o, 'account-passkeys');
}

async function signIn(o: Page) {
	await o.request.delete('/api/v1/sessions/current');
	await o.goto('/v/sign-in?to=/v/account');
	await o.getByRole('button', { name: 'Use a passkey' }).click();
	await o.waitForURL('**/v/account');
	await expect(o.getByText('Passkey added')).toBeVisible();
}

/** A session for another business begins without showing anything: what guards the account asks for it. */
async function confirm(o: Page) {
	const opened = await o.request.post('/api/v1/businesses', { data: { name: 'Second stall' } });
	expect(opened.ok()).toBe(true);
	await o.reload();
	await o.getByRole('button', { name: 'Make new recovery codes' }).click();
	const asked = o.getByRole('dialog', { name: 'Is it you?' });
	await asked.getByRole('button', { name: 'Use a passkey' }).click();
	const recovery = o.getByRole('dialog', { name: 'Your recovery codes' });
	await recovery.getByRole('button', { name: 'I have kept them' }).click();
}

async function remove(o: Page) {
	await o.getByRole('button', { name: 'Remove passkey' }).click();
	const sheet = o.getByRole('dialog', { name: 'Remove passkey' });
	await sheet.getByRole('button', { name: 'Remove passkey' }).click();
	await expect(o.getByText('Passkey removed')).toBeVisible();
	await expect(o.getByRole('list', { name: 'Passkeys' })).toHaveCount(0);
}
