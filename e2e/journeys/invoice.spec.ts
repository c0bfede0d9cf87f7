// A shop buys with its GSTIN: the request for payment on paper, the invoice that names it, and the e-invoice that the seller uploads.
import { readFileSync } from 'node:fs';
import { expect, test, type Download, type Page } from '@playwright/test';
import { inspect, phone, withPhones } from '../phone.ts';
import { agreeOn, enter, openStall, takeCash, takeUp } from '../stall.ts';

const SELLER = {
	registration: 'regular',
	gstin: '29AAGCB7383J1Z4',
	legal_name: 'Meena Stores',
	address: '4 Market Road',
	city: 'Bengaluru',
	pin: '560001',
	state_code: '29'
};

test('a shop is named on its invoice, and the seller has the e-invoice', async () => {
	test.slow();
	const [vendor, buyer] = [await phone(), await phone()];
	const [v, b] = [vendor.page, buyer.page];
	await withPhones([vendor, buyer], async () => {
		const stall = await openStall(v);
		await test.step('the seller collects tax', () => collectTax(v));
		await enter(b, stall);
		await takeUp(v);
		await test.step('they agree', () => agree(b, v));
		await test.step('the buyer names a shop', () => nameShop(b));
		await test.step('the order is printed with its code', () => printRequest(b));
		await test.step('the money comes', () => seeAndTakeCash(v));
		await test.step('the seller has the e-invoice', () => takeEInvoice(v));
	});
});

async function collectTax(v: Page) {
	const call = async (method: 'put' | 'get' | 'patch', path: string, data?: unknown) => {
		const answer = await v.request[method](`/api/v1${path}`, data ? { data } : {});
		expect(answer.ok(), await answer.text()).toBe(true);
		return (await answer.json()) as { items: { id: string }[] };
	};
	await call('put', '/tax-profile', SELLER);
	const { items } = await call('get', '/products');
	await call('patch', `/products/${items[0]?.id ?? ''}`, { tax: { hsn: '0702', treatment: 'taxable', rate_percent: '5' } });
}

async function agree(b: Page, v: Page) {
	await agreeOn(b, v, '5 kg tomato for 150');
	await b.getByRole('link', { name: /^Pay now/ }).click();
	await b.waitForURL('**/pay');
}

async function nameShop(b: Page) {
	await b.getByRole('link', { name: 'Show order' }).click();
	await b.getByRole('button', { name: /^Name and GSTIN on the bill/ }).click();
	const sheet = b.getByRole('dialog', { name: 'Name and GSTIN on the bill' });
	await sheet.getByLabel('GSTIN').fill('27AAPFU0939F1ZW');
	await sheet.getByLabel('Name on the bill').fill('Patil Traders');
	await sheet.getByLabel('Address').fill('12 Laxmi Road');
	await sheet.getByLabel('Town').fill('Pune');
	await sheet.getByLabel('PIN code').fill('411030');
	await expect(sheet.getByLabel('State')).toHaveValue('27');
	await sheet.getByRole('button', { name: 'Save' }).click();
	await expect(sheet.getByText('This GSTIN is not right.', { exact: false })).toBeVisible();
	await inspect(b, 'recipient');
	await sheet.getByLabel('GSTIN').fill('27aapfu 0939f1zv');
	await sheet.getByRole('button', { name: 'Save' }).click();
	await expect(sheet).toBeHidden();
	await expect(b.getByText('27AAPFU0939F1ZV')).toBeVisible();
}

async function printRequest(b: Page) {
	const [file] = await Promise.all([b.waitForEvent('download'), b.getByRole('button', { name: /^Payment request as PDF/ }).click()]);
	expect(file.suggestedFilename()).toMatch(/^payment-request-\d+\.pdf$/);
	expect((await bytes(file)).subarray(0, 5).toString()).toBe('%PDF-');
	await inspect(b, 'order-unpaid-buyer');
}

async function seeAndTakeCash(v: Page) {
	await v.goto('/v/orders');
	await v.locator('a[href^="/v/orders/"]').first().click();
	await expect(v.getByText('Patil Traders')).toBeVisible();
	await inspect(v, 'order-unpaid-vendor');
	await takeCash(v);
}

async function takeEInvoice(v: Page) {
	await expect(v.getByRole('button', { name: /^Tax invoice/ })).toBeVisible();
	await v.goto('/v/documents');
	await v.getByRole('button', { name: 'E-invoice' }).click();
	const sheet = v.getByRole('dialog', { name: 'E-invoice' });
	await expect(sheet.getByText('We do not send it.', { exact: false })).toBeVisible();
	const [file] = await Promise.all([v.waitForEvent('download'), sheet.getByRole('button', { name: 'Download the file' }).click()]);
	expect(file.suggestedFilename()).toMatch(/^INV-.*\.json$/);
	const text = (await bytes(file)).toString();
	expect(text).toContain('"TotInvVal":150.00');
	const [invoice] = JSON.parse(text) as { Version: string; BuyerDtls: { Gstin: string; Pos: string } }[];
	expect(invoice?.Version).toBe('1.1');
	expect(invoice?.BuyerDtls).toMatchObject({ Gstin: '27AAPFU0939F1ZV', Pos: '29', Pin: 411030 });
	await expect(sheet.getByText(/^[0-9a-f]{64}$/)).toBeVisible();
	await inspect(v, 'e-invoice');
}

const bytes = async (file: Download) => readFileSync(await file.path());
