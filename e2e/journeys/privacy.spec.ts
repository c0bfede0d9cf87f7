// What is kept of somebody: taken along, complained of, deleted, and called off; and an operator who answers, and locks an account.
import { readFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { inspect, phone, withPhones } from '../phone.ts';
import { enter, openStall, operate, PASSWORD, write, type Stall } from '../stall.ts';

test('people take their data along, delete it or think better of it, and an operator locks an account', async () => {
	const [vendor, buyer, operator] = [await phone(), await phone(), await phone()];
	const [v, b, o] = [vendor.page, buyer.page, operator.page];
	await withPhones([vendor, buyer, operator], async () => {
		const stall = await openStall(v);
		await enter(b, stall);
		await write(b, 'marigolds for a wedding');
		await expect(b.getByText('marigolds for a wedding').first()).toBeVisible();
		await test.step('a buyer complains and is answered', () => complain(b, o));
		await test.step('a buyer takes a copy and deletes what was said', () => forget(b));
		await test.step('a vendor takes a copy, deletes the account and keeps it', () => leaveAndStay(v));
		await test.step('an operator finds and locks the account', () => lock(o, v, stall));
	});
});

/** Has a copy made and saves it: a ZIP archive. */
async function takeAlong(page: Page) {
	await page.getByRole('button', { name: 'Make a copy' }).click();
	const copy = page.getByRole('button', { name: 'Save the copy' });
	await expect(copy).toBeVisible({ timeout: 15_000 });
	const [download] = await Promise.all([page.waitForEvent('download'), copy.click()]);
	expect(download.suggestedFilename()).toBe('my-data.zip');
	expect((await readFile(await download.path())).subarray(0, 2).toString()).toBe('PK');
}

async function complain(b: Page, o: Page) {
	await b.goto('/b/privacy');
	await b.getByRole('button', { name: 'Write a complaint' }).click();
	const sheet = b.getByRole('dialog', { name: 'Write a complaint' });
	await sheet.getByLabel('What is it about?').selectOption('security');
	await sheet.getByLabel('What happened?').fill('A stranger knew what I buy.');
	await sheet.getByRole('button', { name: 'Send' }).click();
	await expect(sheet).toBeHidden();
	await expect(b.getByText('To be answered by')).toBeVisible();
	await operate(o, '/op/grievances');
	await expect(o.getByText('A stranger knew what I buy.')).toBeVisible();
	await inspect(o, 'operator-complaints');
	await o.getByRole('button', { name: /^Answer/ }).click();
	const answer = o.getByRole('dialog', { name: 'Answer' });
	await answer.getByLabel('Answer').fill('We told the stall to keep it to themselves.');
	await answer.getByRole('button', { name: 'Answer' }).click();
	await expect(answer).toBeHidden();
	await b.reload();
	await expect(b.getByText('We told the stall to keep it to themselves.')).toBeVisible();
	await inspect(b, 'complaint-answered');
}

async function forget(b: Page) {
	await b.goto('/b');
	await b.getByRole('link', { name: 'My data' }).click();
	await b.waitForURL('**/b/privacy');
	await takeAlong(b);
	await inspect(b, 'data-buyer');
	await b.getByRole('button', { name: 'Delete what I said' }).click();
	await b.getByRole('dialog').getByRole('button', { name: 'Delete now' }).click();
	await b.waitForURL('**/b');
	await expect(b.locator('a[href^="/b/"][href*="-"]')).toHaveCount(0);
}

async function leaveAndStay(v: Page) {
	await v.goto('/v/account');
	await takeAlong(v);
	await v.getByRole('button', { name: 'Delete my account' }).click();
	const sheet = v.getByRole('dialog', { name: 'Delete my account' });
	await expect(sheet.getByText('These businesses end with it: Journey')).toBeVisible();
	await inspect(v, 'data-delete');
	await sheet.getByRole('button', { name: 'Delete in 48 hours' }).click();
	// The page is left only once the server has it.
	await expect(sheet).toBeHidden();
	await v.goto('/v');
	await expect(v.getByText('Your account will be deleted on')).toBeVisible();
	await inspect(v, 'data-regret');
	await v.getByRole('button', { name: 'Keep my account' }).click();
	await expect(v.getByText('Your account will be deleted on')).toHaveCount(0);
}

async function lock(o: Page, v: Page, stall: Stall) {
	await o.goto('/op/accounts');
	await o.getByLabel('Whom do you look for?').fill(stall.phone);
	await o.getByLabel('Why?').fill('asked by the police');
	await o.getByRole('button', { name: 'Find' }).click();
	const card = o.getByRole('article', { name: 'Journey' });
	await expect(card.getByText('Owner')).toBeVisible();
	await inspect(o, 'operator-accounts');
	await card.getByRole('button', { name: 'Lock' }).click();
	const sheet = o.getByRole('dialog', { name: 'Lock' });
	await sheet.getByLabel('Why?').fill('asked by the police');
	await sheet.getByRole('button', { name: 'Lock' }).click();
	await expect(card.getByText('Locked since')).toBeVisible();
	await v.goto('/v/sign-in');
	await v.getByLabel('Mobile number').fill(stall.phone);
	await v.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await v.getByRole('button', { name: 'Sign in' }).click();
	await expect(v.getByText('This account is locked.')).toBeVisible();
}
