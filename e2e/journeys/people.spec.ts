// The whole life of an account: opened by a letter, its number confirmed by a message, guarded by codes and a passkey, signed out everywhere,
// and got back by a letter and by a message, after which the second factor is asked for as before.
import { randomInt } from 'node:crypto';
import { expect, test, type Page } from '@playwright/test';
import { signInWithCode, turnOn } from '../codes.ts';
import { addPasskey, lock } from '../lock.ts';
import { letter, linkIn } from '../mailbox.ts';
import { inspect, phone, withPhones } from '../phone.ts';
import { freshNumber, openStall, PASSWORD } from '../stall.ts';
import { startTexted, type Texted } from '../texted.ts';

const SECOND = 'lantern cow rice';
const THIRD = 'copper moon basket';
const freshAddress = () => `people${randomInt(1e9)}@example.com`;

test('an account from its first letter to its last message', async () => {
	test.setTimeout(240_000);
	const server = await startTexted();
	const [own, other] = [await phone({ at: server.url }), await phone({ at: server.url })];
	const [o, p] = [own.page, other.page];
	const [address, number] = [freshAddress(), freshNumber()];
	try {
		await withPhones([own, other], async () => {
			await lock(o);
			await test.step('it is opened by a link in a letter', () => register(o, address));
			await test.step('a number is confirmed by a code', () => confirmNumber(o, server, number));
			await test.step('it gets a picture', () => setPicture(o));
			const { code, recovery } = await test.step('codes of an app are turned on', () => turnOn(o));
			await test.step('a passkey is added', async () => {
				await addPasskey(o, 'My phone');
				await expect(o.getByRole('list', { name: 'Passkeys' }).getByRole('listitem')).toHaveCount(1);
			});
			await test.step('every device is signed out', () => signOut(o, p, address, recovery[0] ?? ''));
			await test.step('the password is replaced by a letter', () => resetByLetter(p, address));
			await test.step('the second factor is asked for as before', () => signInWithCode(p, address, SECOND, code()));
			await test.step('the password is replaced by a message', () => resetByMessage(p, server, number));
			await test.step('the number signs in, with a second factor', () => signInWithCode(p, number, THIRD, recovery[1] ?? ''));
			await expect(p.getByText('A forgotten password was replaced by a code')).toBeVisible();
			await expect(p.getByText('A forgotten password was replaced by a link')).toBeVisible();
			await test.step('the passkey still signs in alone', async () => {
				await o.goto('/v/sign-in?to=/v/account');
				await o.getByRole('button', { name: 'Use a passkey' }).click();
				await o.waitForURL('**/v/account');
			});
		});
	} finally {
		await server.stop();
	}
});

async function register(o: Page, address: string) {
	await o.goto('/v/sign-up');
	await o.getByLabel('Mobile number or e-mail').fill(address);
	await o.getByRole('button', { name: 'Send me a link' }).click();
	await expect(o.getByText(`A link is on its way to ${address}.`)).toBeVisible();
	await o.goto(linkIn(await letter(address, 1)));
	await o.getByLabel('Your name').fill('Meena Kumari');
	await o.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await o.getByRole('button', { name: 'Open stall' }).click();
	await o.waitForURL('**/v/stall');
}

async function confirmNumber(o: Page, server: Texted, number: string) {
	await o.goto('/v/account');
	await o.getByLabel('Another number').fill('12345');
	await o.getByRole('button', { name: 'Send me a code' }).click();
	await expect(o.getByText('This is not a mobile number. Enter all 10 digits.')).toBeVisible();
	await o.getByLabel('Another number').fill(number);
	await o.getByRole('button', { name: 'Send me a code' }).click();
	await expect(o.getByText(`A code is on its way to ${number}.`)).toBeVisible();
	const code = await server.code(`+91${number}`, 1);
	await o.getByLabel('Code from the message').fill(code === '000000' ? '000001' : '000000');
	await o.getByRole('button', { name: 'Continue' }).click();
	await expect(o.getByText('This is not the code that was sent.')).toBeVisible();
	await inspect(o, 'account-number');
	await o.getByLabel('Code from the message').fill(code);
	await o.getByRole('button', { name: 'Continue' }).click();
	await expect(o.getByText('Confirmed', { exact: true })).toBeVisible();
	await expect(o.getByText('Mobile number changed')).toBeVisible();
}

async function setPicture(o: Page) {
	const choose = o.getByLabel('Choose a picture');
	await choose.setInputFiles({ name: 'me.txt', mimeType: 'image/png', buffer: Buffer.from('no picture') });
	await expect(o.getByText('This picture cannot be used.')).toBeVisible();
	await choose.setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: await o.screenshot() });
	const picture = o.getByRole('img', { name: 'Picture of Meena Kumari' });
	await expect(picture).toBeVisible();
	await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(256);
	await inspect(o, 'account-picture');
}

async function signOut(o: Page, p: Page, address: string, recovery: string) {
	await signInWithCode(p, address, PASSWORD, recovery);
	await o.reload();
	await o.getByRole('button', { name: 'Sign out everywhere else' }).click();
	await expect(o.getByRole('list', { name: 'Where you are signed in' }).getByRole('listitem')).toHaveCount(1);
	await o.request.delete('/api/v1/sessions/current');
	for (const page of [o, p]) {
		await page.goto('/v/account');
		await page.waitForURL('**/v/sign-in*');
	}
}

async function resetByLetter(p: Page, address: string) {
	await p.getByRole('link', { name: 'I forgot my password' }).click();
	await p.waitForURL('**/v/forgot');
	await p.getByLabel('Mobile number or e-mail').fill(address);
	await p.getByRole('button', { name: 'Send me a link' }).click();
	await expect(p.getByText(`A link is on its way to ${address}.`)).toBeVisible();
	await p.goto(linkIn(await letter(address, 2)));
	await p.getByLabel('New password').fill(SECOND);
	await p.getByRole('button', { name: 'Save' }).click();
	await expect(p.getByText('Your new password counts from now on.')).toBeVisible();
}

async function resetByMessage(p: Page, server: Texted, number: string) {
	await p.goto('/v/forgot');
	await p.getByLabel('Mobile number or e-mail').fill(number);
	await inspect(p, 'forgot-number');
	await p.getByRole('button', { name: 'Send me a code' }).click();
	await p.getByLabel('Code from the message').fill(await server.code(`+91${number}`, 2));
	await p.getByLabel('New password').fill(THIRD);
	await inspect(p, 'forgot-code');
	await p.getByRole('button', { name: 'Save' }).click();
	await expect(p.getByText('Your new password counts from now on.')).toBeVisible();
	await expect.poll(async () => (await server.written(`+91${number}`)).length).toBe(3);
}

test('an account by a number, whose owner alone learns that it has one', async () => {
	test.slow();
	const server = await startTexted();
	const [own, other] = [await phone({ at: server.url }), await phone({ at: server.url })];
	const [o, p] = [own.page, other.page];
	const number = freshNumber();
	try {
		await withPhones([own, other], async () => {
			await askForCode(o, number, 'WhatsApp');
			await inspect(o, 'sign-up-code');
			await o.getByLabel('Code from the message').fill(await server.code(`whatsapp:+91${number}`, 1));
			await o.getByLabel('Your name').fill('Ravi');
			await o.getByLabel('Password', { exact: true }).fill(PASSWORD);
			await o.getByRole('button', { name: 'Open stall' }).click();
			await o.waitForURL('**/v/stall');
			await askForCode(p, number, 'SMS');
			await expect.poll(async () => (await server.written(`+91${number}`)).length).toBe(1);
			expect((await server.written(`+91${number}`))[0]).toContain('It has an account already.');
		});
	} finally {
		await server.stop();
	}
});

async function askForCode(page: Page, number: string, by: string) {
	await page.goto('/v/sign-up');
	await page.getByLabel('How the code comes').selectOption(by);
	await page.getByLabel('Mobile number or e-mail').fill(number);
	await page.getByRole('button', { name: 'Send me a code' }).click();
	await expect(page.getByText(`A code is on its way to ${number}.`)).toBeVisible();
}

test('an invitation is not lost where the letter is opened in another browser', async () => {
	const [owner, invited, elsewhere] = [await phone(), await phone(), await phone()];
	const [o, i, e] = [owner.page, invited.page, elsewhere.page];
	const address = freshAddress();
	await withPhones([owner, invited, elsewhere], async () => {
		await openStall(o);
		const made = await o.request.post('/api/v1/team/invitations', { data: { role: 'member' } });
		const { token } = (await made.json()) as { token: string };
		await i.goto(`/join#${token}`);
		await i.getByRole('link', { name: 'I have no account yet' }).click();
		await i.getByLabel('Mobile number or e-mail').fill(address);
		await i.getByRole('button', { name: 'Send me a link' }).click();
		await expect(i.getByText(`A link is on its way to ${address}.`)).toBeVisible();
		await e.goto(linkIn(await letter(address, 1)));
		await expect(e.getByText('Journey invites you to Journey: Seller.')).toBeVisible();
		await inspect(e, 'link-open-invited');
		await e.getByLabel('Your name').fill('Asha');
		await e.getByLabel('Password', { exact: true }).fill(PASSWORD);
		await e.getByRole('button', { name: 'Open stall' }).click();
		await e.waitForURL('**/v');
		await o.goto('/v/team');
		await expect(o.getByRole('button', { name: 'Remove Asha' })).toBeVisible();
	});
});
