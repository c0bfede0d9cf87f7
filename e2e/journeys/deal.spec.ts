// A vendor who reads Tamil and a buyer who speaks English close a deal, from signing up to paid.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, type APIRequestContext, type Page, type Route } from '@playwright/test';
import { payAtBank } from '../gateway.ts';
import { inspect, phone, withPhones } from '../phone.ts';
import { PASSWORD, freshNumber, takeUp } from '../stall.ts';
import { words } from '../words.ts';

const SPOKEN = fileURLToPath(new URL('../../crates/voice/fixtures/browser-offer.wav', import.meta.url));
/** As long as the sentence takes. */
const SPOKEN_MS = 4500;

test('a deal across two languages, from scanning to paid', async ({ request }) => {
	test.slow();
	const [vendor, buyer] = [await phone(), await phone({ heard: SPOKEN })];
	const [v, b] = [vendor.page, buyer.page];
	await withPhones([vendor, buyer], async () => {
		await test.step('the vendor opens a stall', () => openStall(v));
		await test.step('the vendor adds tomatoes', () => addTomatoes(v));
		const door = await test.step('the vendor shows the code', () => showCode(v));
		await test.step('the vendor turns to Tamil and waits', () => turnToTamil(v));
		await test.step('the buyer scans and starts in English', () => scan(b, door));
		await test.step('the vendor hears of it', () => takeUp(v));
		await test.step('the buyer speaks an offer and confirms what was heard', () => speakOffer(b, v));
		await test.step('the vendor counters, the buyer accepts what was read back', () => agree(b, v));
		await test.step('the buyer pays at the bank', () => pay(b, request));
		await test.step('both have what is theirs', () => look(b, v));
	});
});

async function openStall(v: Page) {
	await v.goto('/');
	await inspect(v, 'welcome');
	await v.getByRole('link', { name: 'I sell' }).click();
	await expect(v.getByRole('heading', { name: 'Sign in' })).toBeVisible();
	await inspect(v, 'sign-in');
	await v.getByRole('link', { name: 'I have no account yet' }).click();
	await v.getByLabel('Your name').fill('Journey');
	await v.getByLabel('Mobile number').fill(freshNumber());
	await v.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await inspect(v, 'sign-up');
	await v.getByRole('button', { name: 'Open stall' }).click();
	await v.getByLabel('Name of the stall').fill('Corner stall');
	await inspect(v, 'stall');
	await v.getByRole('button', { name: 'Save' }).click();
}

async function addTomatoes(v: Page) {
	await v.getByLabel('What is it?').fill('Tomato');
	await v.getByRole('option', { name: /^Tomato/ }).click();
	await v.getByRole('button', { name: /^Price/ }).click();
	for (const digit of '40') await v.getByRole('button', { name: digit, exact: true }).click();
	await inspect(v, 'keypad');
	await v.getByRole('button', { name: 'Done' }).click();
	await v.getByLabel(/How much do you have/).fill('120');
	await inspect(v, 'add-product');
	await loseAnAnswer(v, '/products');
	await v.getByRole('button', { name: 'Save' }).click();
	await expect(v.getByText('The server cannot be reached.')).toBeVisible();
	await v.getByRole('button', { name: 'Save' }).click();
	await expect(v.getByText('Tomato')).toBeVisible();
	await inspect(v, 'products');
}

/** The server does what it is asked at this address next, and the phone never learns of it. */
async function loseAnAnswer(page: Page, path: string) {
	const lose = async (route: Route) => {
		await route.fetch();
		await route.abort();
	};
	await page.route(`**/api/v1${path}`, lose, { times: 1 });
}

async function showCode(v: Page): Promise<string> {
	await v.getByRole('link', { name: 'My QR' }).click();
	await expect(v.getByRole('img', { name: /QR code of/ })).toBeVisible();
	await inspect(v, 'qr');
	const answer = await v.request.get('/api/v1/stall/qr');
	return new URL(((await answer.json()) as { url: string }).url).pathname;
}

async function turnToTamil(v: Page) {
	await v.goto('/v/stall');
	await expect(v.getByLabel('Name of the stall')).toHaveValue('Corner stall');
	await v.getByText('தமிழ்').click();
	await v.getByRole('button', { name: 'Save' }).click();
	await v.waitForURL('**/v/settings');
	await expect(v.locator('html')).toHaveAttribute('lang', 'ta');
	await inspect(v, 'settings-ta');
	await v.goto('/v');
	await expect(v.getByRole('heading', { name: words('ta')['visits.none'] ?? '' })).toBeVisible();
	await inspect(v, 'vendor-home-ta');
}

async function scan(b: Page, door: string) {
	await b.goto(door);
	await expect(b.getByRole('heading', { name: 'Corner stall' })).toBeVisible();
	await inspect(b, 'scanned');
	await b.getByRole('button', { name: /English/ }).last().click();
	await b.waitForURL('**/b/*');
	await expect(b.getByRole('textbox', { name: 'Write here…' })).toBeVisible();
	await inspect(b, 'talk-empty');
}

async function speakOffer(b: Page, v: Page) {
	const ta = words('ta');
	const accept = v.getByRole('button', { name: new RegExp(`^${ta['offer.accept'] ?? ''}`) });
	await b.getByRole('button', { name: /^Speak: hold/ }).focus();
	await b.keyboard.press('Enter');
	await expect(b.getByText('Tap when you are done')).toBeVisible();
	await b.waitForTimeout(SPOKEN_MS);
	await inspect(b, 'recording');
	await b.getByRole('button', { name: 'Stop', exact: true }).click();
	await b.getByRole('button', { name: 'Send', exact: true }).click();
	await expect(b.getByRole('dialog', { name: 'Did I hear you right?' })).toBeVisible({ timeout: 60_000 });
	await inspect(b, 'read-back');
	// The vendor sees it, and can do nothing with it yet.
	await expect(v.getByText(ta['offer.being-confirmed'] ?? '')).toBeVisible();
	await expect(v.getByText('₹150').first()).toBeVisible();
	await expect(accept).toHaveCount(0);
	await inspect(v, 'being-confirmed-ta');
	await b.getByRole('button', { name: 'Yes, right' }).click();
	await expect(accept).toBeVisible();
	await v.getByRole('button', { name: ta['action.close'] ?? '' }).click();
	await inspect(v, 'negotiation-vendor-ta');
}

async function agree(b: Page, v: Page) {
	await v.getByRole('group', { name: words('ta')['offer.counter'] ?? '' }).getByRole('button').first().click();
	const accept = b.getByRole('button', { name: /^Accept/ });
	await expect(accept).toBeVisible();
	await inspect(b, 'negotiation-buyer');
	await b.getByRole('button', { name: 'Other price' }).click();
	await expect(b.getByRole('dialog', { name: 'Other price' })).toBeVisible();
	await inspect(b, 'counter');
	await b.getByRole('button', { name: 'Close' }).click();
	await accept.click();
	await expect(b.getByRole('dialog', { name: 'Shall I agree?' })).toBeVisible();
	await inspect(b, 'deal-read-back');
	await b.getByRole('button', { name: 'Yes, deal' }).click();
	await b.waitForURL('**/pay');
}

async function pay(b: Page, request: APIRequestContext) {
	await expect(b.getByRole('img', { name: /UPI QR/ })).toBeVisible();
	await inspect(b, 'pay');
	const visit = /\/b\/([^/]+)/.exec(b.url())?.[1];
	const orders = await b.request.get('/api/v1/orders', { headers: { 'Vyapar-Side': 'buyer' } });
	const { items } = (await orders.json()) as { items: { visit_id: string; total: { minor: number } }[] };
	const order = items.find((o) => o.visit_id === visit);
	await payAtBank(b, request, order?.total.minor ?? 0);
	await inspect(b, 'paid');
	await b.getByRole('button', { name: 'Continue' }).click();
}

async function look(b: Page, v: Page) {
	const bill = b.getByRole('button', { name: /^Receipt/ });
	await expect(bill).toBeVisible();
	await inspect(b, 'order-buyer');
	const [file] = await Promise.all([b.waitForEvent('download'), bill.click()]);
	expect(file.suggestedFilename()).toMatch(/^RCT-.*\.pdf$/);
	expect(readFileSync(await file.path()).subarray(0, 5).toString()).toBe('%PDF-');
	for (const [path, name] of [['/b', 'talks'], ['/b/orders', 'orders'], ['/b/documents', 'bills']] as const) {
		await b.goto(path);
		await expect(b.getByRole('listitem').first()).toBeVisible();
		await inspect(b, name);
	}
	await v.goto('/v/orders');
	await v.locator('a[href^="/v/orders/"]').first().click();
	await expect(v.getByRole('button', { name: words('ta')['order.hand-over'] ?? '' })).toBeVisible();
	await inspect(v, 'order-vendor-ta');
	await v.goto('/v/wallet');
	await expect(v.getByRole('listitem').first()).toBeVisible();
	await inspect(v, 'wallet-ta');
	await v.goto('/v/products');
	await expect(v.getByText(/115/)).toBeVisible();
	await inspect(v, 'products-ta');
}
