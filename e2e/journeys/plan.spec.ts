// A vendor takes a paid plan with too little credit: asked to top up, paid at the bank, active, and the invoice is there.
import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import { payAtBank } from '../gateway.ts';
import { inspect, phone, withPhones } from '../phone.ts';
import { fillPlan } from '../plans.ts';
import { openStall, operate } from '../stall.ts';
import { words } from '../words.ts';

/** ₹299: no other journey pays so much. */
const PRICE = 299_00;

test('a plan is paid as soon as the money is there', async ({ request }) => {
	test.slow();
	const [vendor, operator] = [await phone(), await phone()];
	const [v, o] = [vendor.page, operator.page];
	await withPhones([vendor, operator], async () => {
		await test.step('the operator writes a plan and a coupon', () => writePlan(o));
		await openStall(v);
		await test.step('the vendor chooses it without credit', () => choose(v));
		await test.step('what is missing is paid at the bank, and the plan begins', () => payMissing(v, request));
		await test.step('the invoice opens as PDF', () => invoice(v));
		await test.step('the plan is cancelled and kept', () => cancelAndKeep(v));
		await test.step('the operator sees it', () => revenue(o));
		await test.step('who reads from the right reads it from the right', () => fromTheRight(v));
	});
});

async function writePlan(o: Page) {
	await operate(o, '/op/plans');
	const sheet = await fillPlan(o, {
		Code: 'market',
		Name: 'Market',
		'Monthly (₹)': '299',
		'Yearly (₹)': '2990',
		'Products at most': '300',
		'Credit every month: (₹)': '50',
		'Why?': 'The first plan'
	});
	await inspect(o, 'operator-plan');
	await sheet.getByRole('button', { name: 'New plan or version' }).click();
	await expect(o.getByRole('row', { name: /Market.*₹299.*₹2,990.*300.*offered/ })).toBeVisible();
	await inspect(o, 'operator-plans');
	await o.locator('a[href="/op/coupons"]').click();
	await o.getByRole('button', { name: 'New coupon' }).click();
	const coupon = o.getByRole('dialog', { name: 'New coupon' });
	await coupon.getByLabel('Code').fill('half');
	await coupon.getByLabel('Per cent').last().fill('50');
	await coupon.getByLabel('For how many periods').fill('1');
	await coupon.getByLabel('Why?').fill('A festival');
	await inspect(o, 'operator-coupon');
	await coupon.getByRole('button', { name: 'New coupon' }).click();
	await expect(o.getByRole('row', { name: /HALF.*50 %.*0 \/ ∞.*open/ })).toBeVisible();
	await inspect(o, 'operator-coupons');
}

async function choose(v: Page) {
	await v.goto('/v/settings');
	await v.getByRole('link', { name: 'Plan', exact: true }).click();
	await v.waitForURL('**/v/plan');
	await expect(v.getByText('Free plan')).toBeVisible();
	await expect(v.getByText('1 of 100 products used')).toBeVisible();
	await v.getByRole('button', { name: /Market.*₹299/ }).click();
	const sheet = v.getByRole('dialog', { name: 'Market' });
	await sheet.getByLabel('Coupon code').fill('never');
	await sheet.getByRole('button', { name: 'Check' }).click();
	await expect(sheet.getByText('There is no such coupon.')).toBeVisible();
	await sheet.getByLabel('Coupon code').fill('half');
	await sheet.getByRole('button', { name: 'Check' }).click();
	await expect(sheet.getByText('To pay now')).toBeVisible();
	await expect(sheet.getByRole('definition').filter({ hasText: '₹149.50' }).first()).toBeVisible();
	await inspect(v, 'plan-choice');
	await sheet.getByLabel('Coupon code').fill('');
	await sheet.getByRole('button', { name: 'Close' }).click();
	await v.getByRole('button', { name: /Market.*₹299/ }).click();
	await v.getByRole('dialog', { name: 'Market' }).getByRole('button', { name: 'Choose a plan' }).click();
	await expect(v.getByText('Market begins when it is paid')).toBeVisible();
	await inspect(v, 'plan-waits');
}

async function payMissing(v: Page, request: APIRequestContext) {
	await v.getByRole('button', { name: 'Pay now' }).click();
	await inspect(v, 'plan-pay');
	await v.getByRole('dialog', { name: 'Pay now' }).getByRole('button', { name: 'Pay ₹299' }).click();
	await v.waitForURL('**/v/credit/*');
	await payAtBank(v, request, PRICE);
	await v.goto('/v/plan');
	await expect(v.getByText('Paid · Monthly')).toBeVisible({ timeout: 20_000 });
	await expect(v.getByText('1 of 300 products used')).toBeVisible();
	await expect(v.getByRole('region', { name: 'Next charge' })).toContainText('₹299');
	await inspect(v, 'plan-active');
}

async function invoice(v: Page) {
	const row = v.getByRole('list', { name: 'Plan invoices' }).getByRole('button', { name: /Market.*SUB\/.*₹299/ });
	const [pdf] = await Promise.all([v.waitForEvent('download'), row.click()]);
	expect(pdf.suggestedFilename()).toMatch(/^SUB-\d\d-\d\d-\d{4}\.pdf$/);
}

async function cancelAndKeep(v: Page) {
	await v.getByRole('button', { name: 'Cancel the plan' }).click();
	await expect(v.getByText('You can keep it until then.')).toBeVisible();
	await inspect(v, 'plan-cancelled');
	await v.getByRole('button', { name: 'Keep the plan' }).click();
	await expect(v.getByRole('region', { name: 'Next charge' })).toContainText('₹299');
}

async function revenue(o: Page) {
	await o.locator('a[href="/op/revenue"]').click();
	// Other stalls may have bought plans too.
	const taken = async () => Number((await o.getByRole('definition').first().textContent())?.replace(/[^\d.]/g, ''));
	await expect.poll(taken).toBeGreaterThanOrEqual(299);
	await o.getByRole('button', { name: 'By month' }).click();
	await expect(o.getByRole('row', { name: /₹/ }).first()).toBeVisible();
	await inspect(o, 'operator-revenue');
}

async function fromTheRight(v: Page) {
	const answer = await v.request.patch('/api/v1/me', { data: { language: 'ur' } });
	expect(answer.ok()).toBe(true);
	await v.reload();
	await expect(v.locator('html')).toHaveAttribute('dir', 'rtl');
	await expect(v.getByRole('heading', { name: words('ur')['plan.yours'] ?? '' })).toBeVisible();
	await inspect(v, 'plan-ur');
}
