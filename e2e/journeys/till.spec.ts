// The platform's own money: tax collected at source of a sale, a top-up paid at its UPI id, and what a member may spend.
import { randomInt } from 'node:crypto';
import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import { payAtBank } from '../gateway.ts';
import { inspect, phone, withPhones } from '../phone.ts';
import { agreeOn, enter, openStall, operate, takeUp } from '../stall.ts';

const SELLER = {
	registration: 'regular',
	gstin: '29AAGCB7383J1Z4',
	legal_name: 'Meena Stores',
	address: '4 Market Road',
	city: 'Bengaluru',
	pin: '560001',
	state_code: '29'
};

test('tax is collected at source, and a top-up by hand becomes credit', async ({ request }) => {
	test.slow();
	const [vendor, buyer, operator] = [await phone(), await phone(), await phone()];
	const [v, b, o] = [vendor.page, buyer.page, operator.page];
	await withPhones([vendor, buyer, operator], async () => {
		const stall = await openStall(v);
		await register(v);
		await test.step('the operator sets the rate', () => setRate(o));
		await enter(b, stall);
		await takeUp(v);
		await test.step('a registered vendor sells through the gateway', () => sell(b, v, request));
		await test.step('the operator sees what is due', () => seeTax(o, stall.name));
		const utr = await test.step('the vendor pays a top-up by hand', () => payByHand(v));
		await test.step('the operator finds it at the bank', () => confirm(o, utr));
		await expect(v.getByText('It is credit now')).toBeVisible({ timeout: 20_000 });
		await test.step('the owner sets a limit', () => limit(v));
	});
});

async function register(v: Page) {
	const call = async (method: 'put' | 'get' | 'patch', path: string, data?: unknown) => {
		const answer = await v.request[method](`/api/v1${path}`, data ? { data } : {});
		expect(answer.ok(), await answer.text()).toBe(true);
		return (await answer.json()) as { items: { id: string }[] };
	};
	await call('put', '/tax-profile', SELLER);
	const { items } = await call('get', '/products');
	await call('patch', `/products/${items[0]?.id ?? ''}`, { tax: { hsn: '0702', treatment: 'taxable', rate_percent: '5' } });
}

async function setRate(o: Page) {
	await operate(o, '/op/tcs');
	await o.getByRole('button', { name: 'Set the rate' }).click();
	const sheet = o.getByRole('dialog', { name: 'Set the rate' });
	await sheet.getByLabel('Per cent of the value before tax').fill('0.5');
	await sheet.getByLabel('Why?').fill('we are registered for it');
	await sheet.getByRole('button', { name: 'Set the rate' }).click();
	await expect(o.getByText('Now 0.5 % of the value before tax is collected', { exact: false })).toBeVisible();
}

async function sell(b: Page, v: Page, request: APIRequestContext) {
	await agreeOn(b, v, '5 kg tomato for 155');
	await b.getByRole('link', { name: /^Pay now/ }).click();
	await b.waitForURL('**/pay');
	await expect(b.getByRole('img', { name: /UPI QR/ })).toBeVisible({ timeout: 20_000 });
	await payAtBank(b, request, 155_00);
}

async function seeTax(o: Page, stall: string) {
	await o.reload();
	// ₹155 with 5 % in it are ₹147.62 before tax; a quarter of a per cent for each half.
	await expect(o.getByRole('row', { name: new RegExp(`${SELLER.gstin}.*${stall}.*₹147\\.62.*₹0\\.37.*₹0\\.37`) })).toBeVisible();
	await expect(o.getByRole('row', { name: /₹0\.74.*The month is not over/ })).toBeVisible();
	await inspect(o, 'operator-tcs');
}

async function payByHand(v: Page): Promise<string> {
	await v.goto('/v/credit');
	await v.getByRole('button', { name: 'Top up' }).click();
	const sheet = v.getByRole('dialog', { name: 'Top up' });
	await sheet.getByRole('button', { name: '₹100', exact: true }).click();
	await sheet.getByRole('button', { name: 'UPI to our account' }).click();
	await sheet.getByRole('button', { name: 'Pay ₹100' }).click();
	await v.waitForURL('**/v/credit/*');
	const utr = `4${String(randomInt(1e11)).padStart(11, '0')}`;
	await v.getByLabel('UTR number').fill(utr);
	await v.getByRole('button', { name: 'I have paid' }).click();
	await expect(v.getByText('Being checked with the bank')).toBeVisible();
	return utr;
}

async function confirm(o: Page, utr: string) {
	await o.locator('a[href="/op/top-ups"]').click();
	await o.waitForURL('**/op/top-ups');
	await o.getByRole('row', { name: new RegExp(utr) }).getByRole('button', { name: 'Confirm' }).click();
	const sheet = o.getByRole('dialog', { name: 'Confirm' });
	await sheet.getByLabel('Why?').fill('it is in the account');
	await sheet.getByRole('button', { name: 'Confirm' }).click();
	await expect(sheet).toHaveCount(0);
}

async function limit(v: Page) {
	await v.goto('/v/team');
	await expect(v.getByText('Used this month: ₹0')).toBeVisible();
	await v.getByRole('button', { name: /^Limit for a month/ }).click();
	const sheet = v.getByRole('dialog', { name: 'Limit for a month' }).first();
	await sheet.getByRole('button', { name: /^Limit for a month/ }).click();
	const keypad = v.getByRole('dialog', { name: 'Limit for a month' }).last();
	for (const key of ['5', '0']) await keypad.getByRole('button', { name: key, exact: true }).click();
	await keypad.getByRole('button', { name: 'Done' }).click();
	await inspect(v, 'member-limit');
	await sheet.getByRole('button', { name: 'Save' }).click();
	await expect(v.getByText('Used this month: ₹0 of ₹50')).toBeVisible();
}
