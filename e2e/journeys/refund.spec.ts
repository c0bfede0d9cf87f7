// A part of the price goes back with its credit note; then the buyer's bank disputes the rest, and the vendor shows that it was good.
import { readFileSync } from 'node:fs';
import { expect, test, type APIRequestContext, type Download, type Page } from '@playwright/test';
import { payAtBank, suffer, theNewestPayment } from '../gateway.ts';
import { inspect, phone, withPhones } from '../phone.ts';
import { enter, openStall, takeUp, write } from '../stall.ts';
import { words } from '../words.ts';

const en = words('en');
const word = (key: string) => en[key] ?? key;

test('a part goes back with a credit note, and a dispute of the rest is contested and won', async ({ request }) => {
	test.slow();
	const [vendor, buyer] = [await phone(), await phone()];
	const [v, b] = [vendor.page, buyer.page];
	await withPhones([vendor, buyer], async () => {
		const stall = await openStall(v);
		await enter(b, stall);
		await takeUp(v);
		await test.step('they close a deal', () => agree(b, v));
		const payment = await test.step('the buyer pays at the bank', () => pay(b, request));
		await test.step('the vendor gives a part of the price back', () => giveBack(v));
		await test.step('the buyer sees it, with its credit note', () => lookAtNote(b));
		const dispute = await suffer(request, { kind: 'disputed', payment_id: payment });
		await test.step('the vendor contests with evidence', () => contest(v));
		await suffer(request, { kind: 'dispute_decided', dispute_id: dispute, decision: 'won' });
		await expect(v.getByText(word('dispute.is.won'))).toBeVisible({ timeout: 20_000 });
		await inspect(v, 'dispute-won');
	});
});

async function agree(b: Page, v: Page) {
	await write(b, '5 kg tomato for 150 rupees');
	await b.getByRole('button', { name: 'Yes, right' }).click();
	await expect(v.getByRole('button', { name: /^Accept/ })).toBeVisible();
	await v.getByRole('group', { name: word('offer.counter') }).getByRole('button').first().click();
	await b.getByRole('button', { name: /^Accept/ }).click();
	await b.getByRole('button', { name: 'Yes, deal' }).click();
	await b.waitForURL('**/pay');
}

/** Gives what the gateway calls the payment. */
async function pay(b: Page, request: APIRequestContext): Promise<string> {
	const visit = /\/b\/([^/]+)/.exec(b.url())?.[1];
	const orders = await b.request.get('/api/v1/orders', { headers: { 'Vyapar-Side': 'buyer' } });
	const { items } = (await orders.json()) as { items: { visit_id: string; total: { minor: number } }[] };
	const paise = items.find((order) => order.visit_id === visit)?.total.minor ?? 0;
	await payAtBank(b, request, paise);
	await b.getByRole('button', { name: 'Continue' }).click();
	return theNewestPayment(request, paise);
}

async function giveBack(v: Page) {
	await v.goto('/v/orders');
	await v.locator('a[href^="/v/orders/"]').first().click();
	await v.getByRole('button', { name: word('refund.title') }).click();
	const sheet = v.getByRole('dialog');
	await inspect(v, 'refund');
	await sheet.getByRole('button', { name: word('refund.money') }).click();
	await sheet.getByLabel(`${word('refund.amount')} (₹)`).fill('20.50');
	await sheet.getByLabel(word('refund.reason'), { exact: true }).fill('one was soft');
	await sheet.getByRole('button', { name: word('refund.next') }).click();
	await expect(sheet.getByText('₹20.50')).toBeVisible();
	await inspect(v, 'refund-read-back');
	await sheet.getByRole('button', { name: word('refund.yes') }).click();
	await expect(sheet).toHaveCount(0);
	await expect(v.getByText(word('refund.is.processed'))).toBeVisible({ timeout: 20_000 });
}

async function lookAtNote(b: Page) {
	await expect(b.getByText('one was soft')).toBeVisible({ timeout: 20_000 });
	const note = b.getByRole('button', { name: new RegExp(`^${word('document.refund_receipt')}`) });
	await expect(note).toBeVisible({ timeout: 20_000 });
	await inspect(b, 'refund-buyer');
	const [file] = await Promise.all([b.waitForEvent('download'), note.click()]);
	expect(file.suggestedFilename()).toMatch(/^RFD-.*\.pdf$/);
	await isPdf(file);
}

async function contest(v: Page) {
	await v.goto('/v/wallet');
	await v.getByRole('link', { name: new RegExp(word('dispute.title')) }).click();
	await v.locator('a[href^="/v/disputes/"]').first().click();
	await expect(v.getByText(word('dispute.part.agreement'))).toBeVisible();
	await inspect(v, 'dispute');
	const [file] = await Promise.all([v.waitForEvent('download'), v.getByRole('button', { name: word('dispute.see') }).click()]);
	await isPdf(file);
	await v.getByRole('button', { name: word('dispute.contest') }).click();
	const sheet = v.getByRole('dialog');
	await sheet.getByLabel(word('dispute.words')).fill('The buyer took five kilos along.');
	await inspect(v, 'dispute-contest');
	await sheet.getByRole('button', { name: word('dispute.send') }).click();
	await expect(sheet).toHaveCount(0);
	await expect(v.getByText(word('dispute.is.under_review'))).toBeVisible({ timeout: 20_000 });
}

async function isPdf(file: Download) {
	expect(readFileSync(await file.path()).subarray(0, 5).toString()).toBe('%PDF-');
}
