// Somebody has an account by e-mail: opened by a link, guarded by codes and a passkey, signed out everywhere, and got back by another
// link, after which the second factor is asked for as before.
import { randomInt } from 'node:crypto';
import { expect, test, type Page } from '@playwright/test';
import { signInWithCode, turnOn } from '../codes.ts';
import { addPasskey, HERE, lock } from '../lock.ts';
import { letter, lettersTo, linkIn } from '../mailbox.ts';
import { inspect, phone, withPhones } from '../phone.ts';
import { openStall, PASSWORD } from '../stall.ts';
import { words } from '../words.ts';

const FRESH = 'lantern cow rice';
const freshAddress = () => `meena${randomInt(1e9)}@example.com`;

test('an account by e-mail, from the first letter to a forgotten password', async () => {
	test.slow();
	const [own, other] = [await phone({ at: HERE }), await phone({ at: HERE })];
	const [o, p] = [own.page, other.page];
	const address = freshAddress();
	await withPhones([own, other], async () => {
		await lock(o);
		await test.step('an account is opened by a link', () => open(o, address));
		const { code, recovery } = await test.step('codes are turned on', async () => {
			await o.goto('/v/account');
			return turnOn(o);
		});
		await test.step('a passkey is added', async () => {
			await addPasskey(o, 'My phone');
			await expect(o.getByRole('list', { name: 'Passkeys' }).getByRole('listitem')).toHaveCount(1);
		});
		await test.step('another device is signed in and out', () => everywhere(o, p, address, recovery[0] ?? ''));
		await test.step('a forgotten password is replaced', () => reset(p, address));
		await test.step('every device is signed out', async () => {
			await o.goto('/v/account');
			await o.waitForURL('**/v/sign-in*');
		});
		await test.step('the second factor is asked for as before', async () => {
			await signInWithCode(p, address.toUpperCase(), FRESH, code());
			await expect(p.getByText('A forgotten password was replaced by a link')).toBeVisible();
		});
		await test.step('the passkey still signs in alone', async () => {
			await o.goto('/v/sign-in?to=/v/account');
			await o.getByRole('button', { name: 'Use a passkey' }).click();
			await o.waitForURL('**/v/account');
		});
		const told = await letter(address, 3);
		expect(told.subject).toBe('Your password was replaced');
	});
});

async function open(o: Page, address: string) {
	await o.goto('/v/sign-up');
	await o.getByLabel('Mobile number or e-mail').fill('meena@nowhere');
	await o.getByRole('button', { name: 'Send me a link' }).click();
	await expect(o.getByText('This is not an e-mail address.')).toBeVisible();
	await o.getByLabel('Mobile number or e-mail').fill(address);
	await o.getByRole('button', { name: 'Send me a link' }).click();
	await expect(o.getByText(`A link is on its way to ${address}.`)).toBeVisible();
	await inspect(o, 'sign-up-mail');
	const link = linkIn(await letter(address, 1));
	await o.goto(link);
	await expect(o.getByText(address)).toBeVisible();
	expect(new URL(o.url()).hash).toBe('');
	await inspect(o, 'link-open');
	await o.getByLabel('Your name').fill('Meena Kumari');
	await o.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await o.getByRole('button', { name: 'Open stall' }).click();
	await o.waitForURL('**/v/stall');
	await o.goto('/');
	await o.goto(link);
	await expect(o.getByText('This link was used or is too old.')).toBeVisible();
}

async function everywhere(o: Page, p: Page, address: string, recovery: string) {
	await signInWithCode(p, address, PASSWORD, recovery);
	await o.reload();
	await o.getByRole('button', { name: 'Sign out everywhere else' }).click();
	await expect(o.getByRole('list', { name: 'Where you are signed in' }).getByRole('listitem')).toHaveCount(1);
	await p.goto('/v/account');
	await p.waitForURL('**/v/sign-in*');
}

async function reset(p: Page, address: string) {
	await p.getByRole('link', { name: 'I forgot my password' }).click();
	await p.waitForURL('**/v/forgot');
	await p.getByLabel('E-mail address').fill(address);
	await inspect(p, 'forgot');
	await p.getByRole('button', { name: 'Send me a link' }).click();
	await expect(p.getByText(`A link is on its way to ${address}.`)).toBeVisible();
	await p.goto(linkIn(await letter(address, 2)));
	await p.getByLabel('New password').fill(FRESH);
	await inspect(p, 'link-reset');
	await p.getByRole('button', { name: 'Save' }).click();
	await expect(p.getByText('Your new password counts from now on.')).toBeVisible();
}

test('an address is added to an account, by its own person', async () => {
	const [own, other] = [await phone(), await phone()];
	const [o, p] = [own.page, other.page];
	const address = freshAddress();
	await withPhones([own, other], async () => {
		const stall = await openStall(o, 'ta');
		const said = words('ta');
		await o.goto('/v/account');
		await o.getByLabel(said['mail.email'] ?? '').fill(address);
		await o.getByRole('button', { name: said['mail.send-link'] ?? '' }).click();
		await expect(o.getByText(said['mail.sent-help'] ?? '')).toBeVisible();
		await inspect(o, 'account-mail-ta');
		const mail = await letter(address, 1);
		expect(mail.subject).toBe('உங்கள் மின்னஞ்சல் முகவரியை உறுதிசெய்யவும்');

		await test.step('on a phone where nobody is signed in it asks for that first', async () => {
			await p.goto(linkIn(mail));
			await p.getByRole('link', { name: 'Sign in' }).click();
			await p.getByLabel('Mobile number or e-mail').fill(stall.phone);
			await p.getByLabel('Password', { exact: true }).fill(PASSWORD);
			await p.getByRole('button', { name: 'Sign in' }).click();
			await p.getByRole('button', { name: said['mail.confirm'] ?? '' }).click();
			await expect(p.getByRole('link', { name: said['me.title'] ?? '' })).toBeVisible();
			await inspect(p, 'link-add-ta');
		});
		await o.reload();
		await expect(o.getByText(address)).toBeVisible();
		await expect(o.getByText(said['me.act.email_changed'] ?? '')).toBeVisible();
		expect(lettersTo(address)).toHaveLength(1);
	});
});
