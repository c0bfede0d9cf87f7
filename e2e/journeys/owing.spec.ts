// A vendor who was paid in cash owes the platform its part, pays it from the credit, and may go.
import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import { payAtBank } from '../gateway.ts';
import { inspect, phone, withPhones } from '../phone.ts';
import { agreeOn, enter, openStall, takeCash, takeUp } from '../stall.ts';

test('commission on a cash sale is paid from credit', async ({ request }) => {
	test.slow();
	const [vendor, buyer] = [await phone(), await phone()];
	const [v, b] = [vendor.page, buyer.page];
	await withPhones([vendor, buyer], async () => {
		const stall = await openStall(v);
		await enter(b, stall);
		await takeUp(v);
		await test.step('a sale is paid in cash', () => sellForCash(b, v));
		await test.step('who owes cannot go, and is led to where it is paid', () => cannotGo(v));
		await test.step('there is no credit yet', () => hasNoCredit(v));
		await test.step('it is topped up', () => topUp(v, request));
		await test.step('and the debt is paid', () => settle(v));
	});
});

async function sellForCash(b: Page, v: Page) {
	await agreeOn(b, v, '5 kg tomato for 155');
	await v.goto('/v/orders');
	await v.locator('a[href^="/v/orders/"]').first().click();
	await takeCash(v);
}

async function cannotGo(v: Page) {
	await v.goto('/v/account');
	await v.getByRole('button', { name: 'Delete my account' }).click();
	const sheet = v.getByRole('dialog', { name: 'Delete my account' });
	await expect(sheet.getByRole('button', { name: 'Delete in 48 hours' })).toBeDisabled();
	await inspect(v, 'data-obstacles');
	await sheet.getByRole('link', { name: 'You owe the platform money.' }).click();
	await v.waitForURL('**/v/wallet');
}

async function hasNoCredit(v: Page) {
	await expect(v.getByText('You owe this')).toBeVisible();
	await inspect(v, 'wallet-owing');
	await v.getByRole('button', { name: 'Pay it from your credit' }).click();
	const sheet = v.getByRole('dialog', { name: 'Pay it from your credit' });
	await sheet.getByRole('button', { name: 'Pay it from your credit' }).click();
	await expect(sheet.getByText('The credit is used up.')).toBeVisible();
	await inspect(v, 'wallet-no-credit');
	await sheet.getByRole('link', { name: 'Top up' }).click();
	await v.waitForURL('**/v/credit');
}

async function topUp(v: Page, request: APIRequestContext) {
	await v.getByRole('button', { name: 'Top up' }).click();
	const sheet = v.getByRole('dialog', { name: 'Top up' });
	for (const digit of ['2', '3']) await sheet.getByRole('button', { name: digit, exact: true }).click();
	await sheet.getByRole('button', { name: 'Pay ₹23' }).click();
	await v.waitForURL('**/v/credit/*');
	await payAtBank(v, request, 23_00);
	await v.getByRole('button', { name: 'Continue' }).click();
	await v.waitForURL('**/v/credit');
}

async function settle(v: Page) {
	await v.goto('/v/wallet');
	await v.getByRole('button', { name: 'Pay it from your credit' }).click();
	const sheet = v.getByRole('dialog', { name: 'Pay it from your credit' });
	await sheet.getByRole('button', { name: 'Pay it from your credit' }).click();
	await expect(sheet).toBeHidden();
	await expect(v.getByText('Paid from your credit')).toBeVisible();
	await expect(v.getByText('You owe this')).toHaveCount(0);
	await inspect(v, 'wallet-settled');
}
