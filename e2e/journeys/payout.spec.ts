// A vendor's money: on hold after a sale, paid out by the operator's run, one that fails and is paid again.
import { randomUUID } from 'node:crypto';
import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import { codeToPay } from '../gateway.ts';
import { inspect, phone, withPhones } from '../phone.ts';
import { openStall, operate, type Stall } from '../stall.ts';

const GATEWAY = 'http://127.0.0.1:18090';
const MERCHANT = `${GATEWAY}/_control/merchants/rzp_test_emulator00001`;
/** 7 kg at ₹40. */
const PRICE = 280_00;

test('a sale is held, paid out by a run, and one that fails is paid again', async ({ request }) => {
	test.slow();
	const [vendor, buyer, operator] = [await phone(), await phone(), await phone()];
	const [v, b, o] = [vendor.page, buyer.page, operator.page];
	await withPhones([vendor, buyer, operator], async () => {
		const stall = await openStall(v);
		await test.step('a sale is on hold', async () => {
			await sell(v, b, request, stall);
			await v.goto('/v/wallet');
			await expect(v.getByText(/is free on/)).toBeVisible();
			await inspect(v, 'wallet-on-hold');
		});
		await test.step('the vendor says where the money goes', () => giveAccount(v));
		await test.step('the operator holds this stall no more', () => holdNoMore(o, stall.name));
		await test.step('the next sale is available', async () => {
			await sell(v, b, request, stall);
			await v.goto('/v/wallet');
			await expect(v.getByText('₹274.40').first()).toBeVisible();
		});
		await test.step('a payout fails', async () => {
			await fate(request, { fate: 'failed', after_s: 1 });
			await run(o);
			await expect(rowOf(o, stall.name)).toContainText('failed', { timeout: 30_000 });
			await inspect(o, 'operator-payout-failed');
		});
		await test.step('and is paid again', async () => {
			await fate(request, { fate: 'processed', after_s: 1 });
			await rowOf(o, stall.name).getByRole('button', { name: 'Pay again' }).click();
			await o.getByRole('dialog').getByLabel('Why?').fill('the bank is back');
			await o.getByRole('dialog').getByRole('button', { name: 'Pay again' }).click();
			await expect(o.getByRole('dialog')).toHaveCount(0);
			await expect(async () => {
				await o.goto('/op/payouts?state=paid');
				await expect(rowOf(o, stall.name)).toBeVisible({ timeout: 2_000 });
			}).toPass({ timeout: 30_000 });
		});
		await test.step('the vendor sees it', async () => {
			await v.goto('/v/payouts');
			await expect(v.getByText(/^Bank reference \(UTR\)/)).toBeVisible();
			await inspect(v, 'payouts');
			await v.goto('/v/wallet');
			await expect(v.getByText('Paid out to you').first()).toBeVisible();
			await inspect(v, 'wallet-paid-out');
		});
		await test.step('the operator writes a commission rule', () => writeRule(o, stall.name));
	});
});

async function json<T>(answer: Promise<{ ok(): boolean; status(): number; text(): Promise<string> }>): Promise<T> {
	const got = await answer;
	expect(got.ok(), `${got.status()} ${await got.text()}`).toBe(true);
	return JSON.parse((await got.text()) || 'null') as T;
}

/** A deal over 7 kg of tomatoes at the stall's price, made by calls, and paid at the emulated bank. */
async function sell(v: Page, b: Page, request: APIRequestContext, stall: Stall) {
	const token = stall.door.split('/').at(-1);
	const call = <T>(page: Page, path: string, data?: object) =>
		json<T>(data ? page.request.post(`/api/v1${path}`, { data }) : page.request.get(`/api/v1${path}`));
	const visit = await call<{ id: string; products: { id: string }[] }>(b, '/visits', { token, language: 'en' });
	const at = `/visits/${visit.id}`;
	const price = { amount: { minor: 4000, currency: 'INR' }, per: '1', unit: 'kg' };
	const offer = { client_id: randomUUID(), product_id: visit.products[0]?.id, price, quantity: '7', quantity_unit: 'kg' };
	await call(v, `${at}/offers`, offer);
	const { standing } = await call<{ standing: { id: string } }>(b, at);
	const question = await call<{ id: string }>(b, `${at}/acceptances`, { client_id: randomUUID(), offer_id: standing.id });
	const { order } = await call<{ order: { id: string } }>(b, `${at}/read-backs/${question.id}/confirm`, { client_id: randomUUID() });
	let code = '';
	await expect(async () => {
		code = await codeToPay(request, PRICE);
	}).toPass();
	await json(request.post(`${GATEWAY}/_control/pay`, { data: { qr_id: code.split('/').at(-1) } }));
	await expect(async () => {
		const { state } = await call<{ state: string }>(b, `/orders/${order.id}/payment`);
		expect(state).toBe('paid');
	}).toPass();
}

async function giveAccount(v: Page) {
	await v.getByRole('link', { name: 'Payouts' }).click();
	await v.waitForURL('**/v/payouts');
	await v.getByLabel('Name at the bank').fill('Meena Kumari');
	await v.getByLabel('IFSC code').fill('HDFC');
	await v.getByLabel('Account number').fill('765432101234');
	await v.getByRole('button', { name: 'Save' }).click();
	await expect(v.getByText('Please check this.')).toBeVisible();
	await v.getByLabel('IFSC code').fill('hdfc0000053');
	await v.getByRole('button', { name: 'Save' }).click();
	await expect(v.getByText('HDFC0000053 •••• 1234')).toBeVisible();
	await inspect(v, 'payout-account');
}

async function holdNoMore(o: Page, stall: string) {
	await operate(o, '/op/payouts');
	const due = o.getByRole('row', { name: new RegExp(`${stall}.*Nothing to pay`) });
	await due.getByRole('button', { name: /^Hold in days/ }).click();
	const sheet = o.getByRole('dialog');
	await sheet.getByLabel('Hold in days').fill('0');
	await sheet.getByLabel('Why?').fill('known for years');
	await sheet.getByRole('button', { name: 'Save' }).click();
	await expect(sheet).toHaveCount(0);
	await inspect(o, 'operator-payouts');
}

async function fate(request: APIRequestContext, payouts: object) {
	const settings = await json<object>(request.get(`${MERCHANT}/settings`));
	await json(request.put(`${MERCHANT}/settings`, { data: { ...settings, payouts } }));
}

async function run(o: Page) {
	await o.getByRole('button', { name: 'Pay out now' }).click();
	const sheet = o.getByRole('dialog');
	await sheet.getByLabel('Why?').fill('it is Friday');
	await sheet.getByRole('button', { name: 'Pay out now' }).click();
	await expect(sheet).toHaveCount(0);
	await expect(async () => {
		await o.goto('/op/payouts?state=failed');
		await expect(o.getByRole('button', { name: 'Pay again' })).toBeVisible({ timeout: 2_000 });
	}).toPass({ timeout: 30_000 });
}

const rowOf = (o: Page, stall: string) => o.getByRole('table', { name: 'Payouts' }).getByRole('row', { name: new RegExp(stall) }).first();

async function writeRule(o: Page, stall: string) {
	await o.goto('/op/commission');
	await o.getByRole('button', { name: 'New rule' }).click();
	const sheet = o.getByRole('dialog');
	await sheet.getByLabel('Stall').selectOption({ label: stall });
	await sheet.getByLabel('Per cent of the sale').fill('2.5');
	await sheet.getByLabel('At most (₹)').fill('20');
	await sheet.getByLabel('The same from every sale (₹)').fill('1');
	await sheet.getByLabel('Why?').fill('a market day');
	await inspect(o, 'operator-rule');
	await sheet.getByRole('button', { name: 'New rule' }).click();
	await expect(o.getByRole('row', { name: new RegExp(`${stall}.*2.5 % of the sale, at most ₹20 \\+ ₹1 a sale`) })).toBeVisible();
	await inspect(o, 'operator-commission');
}
