// A vendor pays by card: at the gateway's page, after a bank's no, and then by the card that was kept.
import { expect, test, type Page } from '@playwright/test';
import { startTakingCards, type Shop } from '../cards.ts';
import { inspect, phone, withPhones } from '../phone.ts';
import { openStall } from '../stall.ts';

let shop: Shop;
test.beforeAll(async () => {
	shop = await startTakingCards();
});
test.afterAll(() => shop?.stop());

test('credit is topped up by card, and the card is kept', async () => {
	test.slow();
	const vendor = await phone({ at: shop.url });
	const v = vendor.page;
	await withPhones([vendor], async () => {
		await openStall(v);
		await test.step('the vendor chooses the card', () => choose(v));
		await test.step('the bank says no, then yes', () => payAtThePage(v));
		await test.step('the credit is there', () => seeCredit(v, 100));
		await test.step('a kept card that wants its owner takes nothing, another is not kept', () => payByOther(v));
		await test.step('the credit is there', () => seeCredit(v, 200));
		await test.step('the card is removed', () => removeCard(v));
		await test.step('another is kept without paying', () => keepWithoutPaying(v));
	});
});

async function choose(v: Page) {
	await v.goto('/v/credit');
	await v.getByRole('button', { name: 'Top up' }).click();
	const sheet = v.getByRole('dialog', { name: 'Top up' });
	await expect(sheet.getByRole('button', { name: 'UPI and more' })).toHaveAttribute('aria-pressed', 'true');
	await sheet.getByRole('button', { name: '₹100', exact: true }).click();
	await sheet.getByRole('button', { name: 'Card', exact: true }).click();
	await sheet.getByLabel('Keep this card for next time').check();
	await inspect(v, 'top-up-card');
	await sheet.getByRole('button', { name: 'Pay ₹100' }).click();
	await v.waitForURL('**/v/credit/*');
}

async function payAtThePage(v: Page) {
	const link = v.getByRole('link', { name: 'Pay by card' });
	await expect(link).toBeVisible();
	await inspect(v, 'top-up-page');
	await link.click();
	await v.waitForURL(`${shop.stripe}/c/pay/*`);
	await v.getByLabel('Test card').selectOption('pm_card_visa_chargeDeclined');
	await v.getByRole('button', { name: 'Pay', exact: true }).click();
	await expect(v.getByRole('alert')).toBeVisible();
	await v.getByLabel('Test card').selectOption('pm_card_authenticationRequired');
	await v.getByRole('button', { name: 'Pay', exact: true }).click();
	await v.getByRole('button', { name: 'Approve' }).click();
	// By way of the page, which knows that it is paid.
	await v.waitForURL(`${shop.url}/v/credit**`);
}

async function seeCredit(v: Page, rupees: number) {
	const paid = v.getByRole('dialog', { name: 'Paid' }).getByRole('button', { name: 'Continue' });
	const back = v.waitForURL(`${shop.url}/v/credit`, { timeout: 30_000 });
	await Promise.race([back, paid.click({ timeout: 30_000 }).catch(() => undefined)]);
	await back;
	await expect(v.getByRole('main')).toContainText(`₹${rupees}`);
	await expect(v.getByRole('list', { name: 'Where it came from' }).getByText('Topped up').first()).toBeVisible();
}

async function payByOther(v: Page) {
	await v.getByRole('button', { name: 'Top up' }).click();
	const sheet = v.getByRole('dialog', { name: 'Top up' });
	await sheet.getByRole('button', { name: '₹100', exact: true }).click();
	await sheet.getByRole('button', { name: /•••• 3184/ }).click();
	await inspect(v, 'top-up-kept-card');
	await sheet.getByRole('button', { name: 'Pay ₹100' }).click();
	await v.waitForURL('**/v/credit/*');
	// This card wants its owner each time: nothing is taken behind their back.
	await expect(v.getByText('The payment did not go through')).toBeVisible({ timeout: 20_000 });
	await v.goto('/v/credit');
	await v.getByRole('button', { name: 'Top up' }).click();
	await sheet.getByRole('button', { name: '₹100', exact: true }).click();
	await sheet.getByRole('button', { name: 'Card', exact: true }).click();
	await sheet.getByRole('button', { name: 'Pay ₹100' }).click();
	await v.waitForURL('**/v/credit/*');
	await v.getByRole('link', { name: 'Pay by card' }).click();
	await v.getByLabel('Test card').selectOption('pm_card_visa');
	await v.getByRole('button', { name: 'Pay', exact: true }).click();
	await v.waitForURL(`${shop.url}/v/credit**`);
}

async function removeCard(v: Page) {
	await v.getByRole('link', { name: 'Kept cards' }).click();
	await v.waitForURL('**/v/payment-methods');
	await expect(v.getByText('Used first')).toBeVisible();
	await inspect(v, 'payment-methods');
	await v.getByRole('button', { name: 'Remove' }).click();
	await v.getByRole('dialog', { name: 'Remove this card?' }).getByRole('button', { name: 'Remove' }).click();
	await expect(v.getByText('No card is kept')).toBeVisible();
	await inspect(v, 'payment-methods-none');
}

async function keepWithoutPaying(v: Page) {
	await v.getByRole('button', { name: 'Keep a card without paying' }).click();
	await v.waitForURL(`${shop.stripe}/c/pay/*`);
	await v.getByLabel('Test card').selectOption('pm_card_visa');
	await v.getByRole('button', { name: 'Keep', exact: true }).click();
	await v.waitForURL(`${shop.url}/v/payment-methods?kept=*`);
	await expect(v.getByText('•••• 4242')).toBeVisible({ timeout: 20_000 });
	await inspect(v, 'payment-methods-kept');
}
