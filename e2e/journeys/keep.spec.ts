// A buyer without an account opens one on the same phone, keeps what they bargained for, and finds it on another device.
import { expect, test } from '@playwright/test';
import { inspect, phone, withPhones } from '../phone.ts';
import { enter, freshNumber, openStall, PASSWORD } from '../stall.ts';

test('a guest becomes an account and keeps their visits', async () => {
	const [vendor, buyer, other] = [await phone(), await phone(), await phone()];
	const [v, b, o] = [vendor.page, buyer.page, other.page];
	await withPhones([vendor, buyer, other], async () => {
		const stall = await openStall(v);
		const number = freshNumber();
		await enter(b, stall);
		await b.goto('/b');
		await expect(b.getByRole('link', { name: new RegExp(`^${stall.name}`) })).toBeVisible();
		await b.getByRole('link', { name: 'Sign in to keep them' }).click();
		await b.waitForURL('**/v/sign-in?to=/b');
		await b.getByRole('link', { name: 'I have no account yet' }).click();
		await b.waitForURL('**/v/sign-up?to=/b');
		await b.getByLabel('Mobile number or e-mail').fill(number);
		await b.getByLabel('Your name').fill('Meena');
		await b.getByLabel('Password', { exact: true }).fill(PASSWORD);
		await b.getByRole('button', { name: 'Open stall' }).click();
		await b.waitForURL('**/b');
		await b.getByRole('button', { name: 'Keep these visits in my account' }).click();
		await expect(b.getByText('These visits are kept in your account.')).toBeVisible();
		await inspect(b, 'visits-kept');

		await o.goto('/v/sign-in?to=/b');
		// The page works once it has asked what there is.
		await expect(o.getByRole('button', { name: 'Go on with Elsewhere' })).toBeVisible();
		await o.getByLabel('Mobile number or e-mail').fill(number);
		await o.getByLabel('Password', { exact: true }).fill(PASSWORD);
		await o.getByRole('button', { name: 'Sign in' }).click();
		await o.waitForURL('**/b');
		await o.getByRole('link', { name: new RegExp(`^${stall.name}`) }).click();
		await o.waitForURL('**/b/*');
		await expect(o.getByRole('log')).toBeVisible();
	});
});
