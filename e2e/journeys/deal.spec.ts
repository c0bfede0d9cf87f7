// A vendor who reads Tamil and a buyer who speaks English close a deal, from signing up to paid.
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { codeToPay } from '../gateway.ts';
import { inspect, phone } from '../phone.ts';

const SPOKEN = fileURLToPath(new URL('../../crates/voice/fixtures/browser-offer.wav', import.meta.url));

test('a deal across two languages, from scanning to paid', async ({ request }) => {
	const vendor = await phone();
	const buyer = await phone(SPOKEN);
	try {
		const v = vendor.page;
		await test.step('the vendor opens a stall', async () => {
			await v.goto('/');
			await inspect(v, 'welcome');
			await v.getByRole('link', { name: 'I sell' }).click();
			await v.getByLabel('Your name').fill('Journey');
			await v.getByLabel('Mobile number').fill(`98${String(Date.now()).slice(-8)}`);
			await v.getByLabel('Password', { exact: true }).fill('mango-lemon-tamarind');
			await inspect(v, 'sign-up');
			await v.getByRole('button', { name: 'Open stall' }).click();
			await v.getByLabel('Name of the stall').fill('Corner stall');
			await inspect(v, 'stall');
			await v.getByRole('button', { name: 'Save' }).click();
		});

		await test.step('the vendor adds tomatoes', async () => {
			await v.getByLabel('What is it?').fill('Tomato');
			await v.getByRole('option', { name: /^Tomato/ }).click();
			await v.getByRole('button', { name: /^Price/ }).click();
			for (const digit of '40') await v.getByRole('button', { name: digit, exact: true }).click();
			await v.getByRole('button', { name: 'Done' }).click();
			await v.getByLabel(/How much do you have/).fill('120');
			await inspect(v, 'add-product');
			await v.getByRole('button', { name: 'Save' }).click();
			await expect(v.getByText('Tomato')).toBeVisible();
			await inspect(v, 'products');
		});

		const link = await test.step('the vendor shows the code', async () => {
			await v.getByRole('link', { name: 'My QR' }).click();
			await expect(v.getByRole('img', { name: /QR code of/ })).toBeVisible();
			await inspect(v, 'qr');
			const answer = await v.request.get('/api/v1/stall/qr');
			return new URL((await answer.json()).url).pathname;
		});

		await test.step('the vendor turns to Tamil and waits', async () => {
			await v.goto('/v/stall');
			await v.getByRole('button', { name: /தமிழ்/ }).or(v.getByRole('radio', { name: /தமிழ்/ })).first().click();
			await v.locator('form button.button-main').click();
			await v.waitForURL('**/v/settings');
			await expect(v.locator('html')).toHaveAttribute('lang', 'ta');
			await inspect(v, 'settings-ta');
			await v.goto('/v');
			await inspect(v, 'vendor-home-ta');
		});

		const b = buyer.page;
		await test.step('the buyer scans and starts in English', async () => {
			await b.goto(link);
			await expect(b.getByRole('heading', { name: 'Corner stall' })).toBeVisible();
			await inspect(b, 'scanned');
			await b.getByRole('button', { name: /English/ }).last().click();
			await b.waitForURL('**/b/*');
		});

		await test.step('the vendor hears of it', async () => {
			await v.locator('a[href^="/v/visits/"]').first().click();
			await v.waitForURL('**/v/visits/*');
		});

		await test.step('the buyer speaks an offer and confirms what was heard', async () => {
			const talk = b.getByRole('button', { name: /Speak: hold/ });
			await talk.focus();
			await b.keyboard.press('Enter');
			await expect(b.getByRole('button', { name: 'Stop', exact: true })).toBeVisible();
			// As long as the sentence takes.
			await b.waitForTimeout(4500);
			await b.getByRole('button', { name: 'Stop', exact: true }).click();
			await b.getByRole('button', { name: 'Send', exact: true }).click();
			await expect(b.getByRole('dialog', { name: 'Did I hear you right?' })).toBeVisible({ timeout: 30_000 });
			await inspect(b, 'read-back');
			// The vendor sees it, and can do nothing with it yet.
			await expect(v.getByText('₹150').first()).toBeVisible();
			await expect(v.locator('.button-safe')).toHaveCount(0);
			await inspect(v, 'being-confirmed-ta');
			await b.getByRole('button', { name: 'Yes, right' }).click();
			await expect(v.locator('.button-safe')).toBeVisible();
			await inspect(v, 'negotiation-vendor-ta');
		});

		await test.step('the vendor counters, the buyer accepts after the deal was read back', async () => {
			await v.locator('button.chip').first().click();
			await expect(b.getByRole('button', { name: /^Accept/ })).toBeVisible();
			await inspect(b, 'negotiation-buyer');
			await b.getByRole('button', { name: /^Accept/ }).click();
			await expect(b.getByRole('dialog', { name: 'Shall I agree?' })).toBeVisible();
			await inspect(b, 'deal-read-back');
			await b.getByRole('button', { name: 'Yes, deal' }).click();
			await b.waitForURL('**/pay');
		});

		await test.step('the buyer pays at the bank', async () => {
			await expect(b.getByRole('img', { name: /UPI QR/ })).toBeVisible();
			await inspect(b, 'pay');
			const visit = /\/b\/([^/]+)/.exec(b.url())?.[1];
			const orders = await b.request.get('/api/v1/orders', { headers: { 'Vyapar-Side': 'buyer' } });
			const order = (await orders.json()).items.find((o: { visit_id: string }) => o.visit_id === visit);
			const bank = await phone();
			await bank.page.goto(await codeToPay(request, order.total.minor));
			await bank.page.getByRole('button', { name: 'Pay', exact: true }).click();
			await bank.close();
			await expect(b.getByRole('dialog', { name: 'Paid' })).toBeVisible({ timeout: 20_000 });
			await inspect(b, 'paid');
			await b.getByRole('button', { name: 'Continue' }).click();
		});

		await test.step('both have what is theirs', async () => {
			await expect(b.getByText('Receipt').first()).toBeVisible();
			await inspect(b, 'order-buyer');
			const pdf = b.locator('a[href$=".pdf"], a[href*="document.pdf"]').first();
			const file = await b.request.get((await pdf.getAttribute('href')) ?? '', { headers: { 'Vyapar-Side': 'buyer' } });
			expect((await file.body()).subarray(0, 5).toString()).toBe('%PDF-');
			await v.goto('/v/orders');
			await inspect(v, 'orders-ta');
			await v.goto('/v/wallet');
			await inspect(v, 'wallet-ta');
			await v.goto('/v/products');
			await expect(v.getByText(/115/)).toBeVisible();
		});
	} finally {
		await buyer.close();
		await vendor.close();
	}
});

test('the screens keep nobody out in Urdu', async ({ browser }) => {
	const page = await (await browser.newContext({ locale: 'ur-IN', viewport: { width: 360, height: 740 } })).newPage();
	await page.goto('/');
	await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
	await inspect(page, 'welcome-ur');
	await page.goto('/v/sign-in');
	await inspect(page, 'sign-in-ur');
});

test('a forged code is shown as such', async ({ page }) => {
	await page.goto('/s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
	await expect(page.getByText('This code is not genuine')).toBeVisible();
	await inspect(page, 'forged');
});
