// A vendor reads what autopay means, buys a plan with it, sees what comes next, and ends it.
import { expect, test, type Page } from '@playwright/test';
import { inspect, phone, withPhones } from '../phone.ts';
import { fillPlan } from '../plans.ts';
import { openStall, operate } from '../stall.ts';

test('a plan is bought with autopay, which pays the next period', async () => {
	test.slow();
	const [vendor, operator] = [await phone(), await phone()];
	const [v, o] = [vendor.page, operator.page];
	await withPhones([vendor, operator], async () => {
		await test.step('the operator writes a plan', () => writePlan(o));
		await openStall(v);
		await test.step('the vendor reads what autopay means', () => readTerms(v));
		await test.step('the plan is paid in the sheet, and autopay with it', () => buy(v));
		await test.step('what comes next is read', () => seeNext(v));
		await test.step('autopay is ended', () => end(v));
	});
});

async function writePlan(o: Page) {
	await operate(o, '/op/plans');
	const sheet = await fillPlan(o, {
		Code: 'bazaar',
		Name: 'Bazaar',
		'Monthly (₹)': '179',
		'Yearly (₹)': '1790',
		'Products at most': '250',
		'Credit every month: (₹)': '20',
		'Why?': 'A small one'
	});
	await sheet.getByRole('button', { name: 'New plan or version' }).click();
	await expect(o.getByRole('row', { name: /Bazaar.*₹179/ })).toBeVisible();
}

async function readTerms(v: Page) {
	await v.goto('/v/payment-methods');
	await v.getByRole('button', { name: 'Set up autopay' }).click();
	const sheet = v.getByRole('dialog', { name: 'Set up autopay' });
	await expect(sheet.getByText('At most ₹15,000 each time')).toBeVisible();
	await expect(sheet.getByText('You are told 24 hours before money is taken.')).toBeVisible();
	await expect(sheet.getByText('You pay ₹1 now. It becomes your credit.')).toBeVisible();
	await inspect(v, 'autopay-terms');
	await sheet.getByRole('button', { name: 'Close' }).click();
}

async function buy(v: Page) {
	await v.goto('/v/plan');
	await v.getByRole('button', { name: /Bazaar.*₹179/ }).click();
	await v.getByRole('dialog', { name: 'Bazaar' }).getByRole('button', { name: 'Choose a plan' }).click();
	await v.getByRole('button', { name: 'Pay now' }).click();
	const sheet = v.getByRole('dialog', { name: 'Pay now' });
	await sheet.getByLabel('Set up autopay with this payment').check();
	await inspect(v, 'autopay-plan-pay');
	await sheet.getByRole('button', { name: 'Pay ₹179' }).click();
	await v.waitForURL('**/v/credit/*');
	await v.getByRole('button', { name: 'Card, netbanking and more' }).click();
	const bank = v.frameLocator('iframe[title="Payment"]');
	await expect(bank.getByText('Autopay: up to ₹15000.00 each time.')).toBeVisible();
	await bank.getByLabel('Pay by').selectOption('upi');
	await bank.getByRole('button', { name: 'Pay', exact: true }).click();
	await expect(v.getByRole('dialog', { name: 'Paid' })).toBeVisible({ timeout: 20_000 });
}

async function seeNext(v: Page) {
	await v.goto('/v/plan');
	await expect(v.getByText('Paid · Monthly')).toBeVisible({ timeout: 20_000 });
	await expect(v.getByText('What your credit does not cover is taken from success@razorpay.')).toBeVisible({ timeout: 20_000 });
	await inspect(v, 'autopay-plan');
}

async function end(v: Page) {
	await v.goto('/v/payment-methods');
	await expect(v.getByText('success@razorpay')).toBeVisible();
	await expect(v.getByText('At most ₹15,000 each time')).toBeVisible();
	await inspect(v, 'autopay-kept');
	await v.getByRole('button', { name: 'Remove' }).click();
	await v.getByRole('dialog', { name: 'Remove this card?' }).getByRole('button', { name: 'Remove' }).click();
	await expect(v.getByText('No card is kept')).toBeVisible();
}
