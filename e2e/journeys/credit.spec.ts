// A vendor pays for translation in advance: at the operator's price, until it is used up, and on from the next top-up.
import { expect, test, type APIRequestContext, type Page, type Route } from '@playwright/test';
import { payAtBank } from '../gateway.ts';
import { inspect, phone, withPhones } from '../phone.ts';
import { enter, openStall, operate, takeUp, write } from '../stall.ts';
import { startTranslated, type Translated } from '../translated.ts';
import { words } from '../words.ts';

const HINDI = { code: 'hi', name: 'हिन्दी' };
const FIRST = { input: 'क्या ये आज सुबह खेत से आए हैं?', output: 'Did they come from the field this morning?' };
const SECOND = { input: 'क्या आप इन्हें घर तक पहुँचा देंगे?', output: 'Will you bring them to my house?' };
/** Of both sentences the first is paid by a rupee, and not the second too. */
const CHARACTERS_A_RUPEE = '40';

let server: Translated;
test.beforeAll(async () => {
	server = await startTranslated();
	await server.script([FIRST, SECOND]);
});
test.afterAll(() => server?.stop());

test('translation waits for credit and catches up by itself', async ({ request }) => {
	test.slow();
	const at = server.url;
	const [vendor, buyer, operator] = [await phone({ at }), await phone({ at, locale: 'hi-IN' }), await phone({ at })];
	const [v, b, o] = [vendor.page, buyer.page, operator.page];
	await withPhones([vendor, buyer, operator], async () => {
		await test.step('the operator sets a price', () => setPrice(o));
		const stall = await openStall(v);
		await test.step('the vendor lets what is said go to BHASHINI', () => allow(v));
		await test.step('the vendor tops up, and no more than once', () => firstTopUp(v, request));
		await enter(b, stall, HINDI);
		await v.goto('/v');
		await takeUp(v);
		await test.step('talk is translated while there is credit', async () => {
			await write(b, FIRST.input, HINDI.code);
			await expect(v.getByText(FIRST.output)).toBeVisible({ timeout: 20_000 });
			await expect(v.getByText('Translated by BHASHINI')).toBeVisible();
		});
		await test.step('translation waits when it is used up', () => runOut(v, b));
		await test.step('the next top-up translates what waits', () => catchUp(v, request));
		await test.step('the operator gives credit and blocks it', () => oversee(o, v, stall.phone));
		await test.step('who reads from the right reads it from the right', () => fromTheRight(v));
		await test.step('the buyer takes back what entering allowed', () => takeBack(b));
	});
});

async function allow(v: Page) {
	await expect(v.getByText('What you say and write goes to BHASHINI')).toBeVisible();
	await inspect(v, 'consent-vendor');
	await v.getByRole('button', { name: 'Allow', exact: true }).click();
	await expect(v.getByText('What you say and write goes to BHASHINI')).toHaveCount(0);
}

async function takeBack(b: Page) {
	const said = words(HINDI.code);
	const box = b.getByRole('checkbox', { name: new RegExp(said['consent.outside'] ?? '') });
	await b.goto('/b/privacy');
	await expect(box).toBeChecked();
	await inspect(b, 'consent-buyer');
	await box.uncheck();
	await b.reload();
	await expect(box).toBeVisible();
	await expect(box).not.toBeChecked();
}

async function setPrice(o: Page) {
	await operate(o, '/op/prices');
	await o.getByRole('button', { name: 'New price' }).click();
	const sheet = o.getByRole('dialog', { name: 'New price' });
	await sheet.getByLabel('Price (₹)').fill('1');
	await sheet.getByLabel('For how many characters').fill(CHARACTERS_A_RUPEE);
	await sheet.getByLabel('Why?').fill('What BHASHINI costs here');
	await inspect(o, 'operator-price');
	await sheet.getByRole('button', { name: 'New price' }).click();
	await expect(o.getByRole('row', { name: /Translation.*₹1.*40 characters.*in force/ })).toBeVisible();
	await inspect(o, 'operator-price-added');
}

async function firstTopUp(v: Page, request: APIRequestContext) {
	await v.goto('/v/wallet');
	await v.getByRole('main').getByRole('link', { name: /^Credit/ }).click();
	await v.waitForURL('**/v/credit');
	await expect(v.getByRole('heading', { name: 'Nothing used yet' })).toBeVisible();
	await inspect(v, 'credit-none');
	await v.getByRole('button', { name: 'Top up' }).click();
	const sheet = v.getByRole('dialog', { name: 'Top up' });
	await sheet.getByRole('button', { name: '1', exact: true }).click();
	await inspect(v, 'top-up');
	// The server does what it is asked, and the phone never learns of it.
	const lose = async (route: Route) => {
		await route.fetch();
		await route.abort();
	};
	await v.route('**/api/v1/credit/top-ups', lose, { times: 1 });
	await sheet.getByRole('button', { name: 'Pay ₹1' }).click();
	await expect(sheet.getByText('The server cannot be reached.')).toBeVisible();
	await sheet.getByRole('button', { name: 'Pay ₹1' }).click();
	await payTopUp(v, request, 'top-up-pay');
	await expect(v.getByRole('list', { name: 'Your top-ups' }).getByRole('listitem')).toHaveCount(1);
	await expect(v.getByRole('list', { name: 'Where it came from' }).getByText('Topped up')).toBeVisible();
}

/** Pays the top-up on the screen at the bank, and goes back to the credit. */
async function payTopUp(v: Page, request: APIRequestContext, picture?: string) {
	await v.waitForURL('**/v/credit/*');
	await expect(v.getByRole('img', { name: /UPI QR/ })).toBeVisible();
	if (picture) await inspect(v, picture);
	await payAtBank(v, request, 100, server.gateway);
	await v.getByRole('button', { name: 'Continue' }).click();
	await v.waitForURL('**/v/credit');
}

async function runOut(v: Page, b: Page) {
	await write(b, SECOND.input, HINDI.code);
	const waiting = v.getByText('Translation waits: your credit is used up.');
	await expect(waiting).toBeVisible({ timeout: 20_000 });
	await expect(v.getByRole('log').getByText(SECOND.input)).toBeVisible();
	await inspect(v, 'no-credit');
	// That is between the vendor and the operator.
	await expect(b.getByText(words('hi')['message.warning.no-credit'] ?? '')).toHaveCount(0);
	await v.getByRole('link', { name: 'Top up' }).click();
	await v.waitForURL('**/v/credit');
	await expect(v.getByText('1 thing waits for credit')).toBeVisible();
	await inspect(v, 'credit-waiting');
}

async function catchUp(v: Page, request: APIRequestContext) {
	await v.getByRole('button', { name: 'Top up' }).click();
	const sheet = v.getByRole('dialog', { name: 'Top up' });
	await sheet.getByRole('button', { name: '1', exact: true }).click();
	await sheet.getByRole('button', { name: 'Pay ₹1' }).click();
	await payTopUp(v, request);
	await expect(v.getByText('waits for credit')).toHaveCount(0);
	const charges = v.getByRole('list', { name: 'Newest charges' });
	await expect(charges.getByRole('link', { name: new RegExp(`Translation ${[...SECOND.input].length} characters`) })).toBeVisible({ timeout: 20_000 });
	await expect(charges.getByRole('link').first()).toContainText('From: Topped up');
	await inspect(v, 'credit');
	await charges.getByRole('link').first().click();
	await v.waitForURL('**/v/visits/*');
	await expect(v.getByText(SECOND.output)).toBeVisible();
	await expect(v.getByText('Translation waits')).toHaveCount(0);
}

async function oversee(o: Page, v: Page, vendorsPhone: string) {
	await v.goto('/v/credit');
	await expect(v.getByRole('button', { name: 'Top up' })).toBeVisible();
	await o.locator('a[href="/op/credits"]').click();
	const row = o.getByRole('row', { name: new RegExp(vendorsPhone) });
	await row.getByRole('button', { name: 'Give credit' }).click();
	const give = o.getByRole('dialog', { name: 'Give credit' });
	await give.getByLabel('Amount (₹)').fill('5');
	await give.getByLabel('Why?').fill('A gift to begin with');
	await inspect(o, 'operator-grant');
	await give.getByRole('button', { name: 'Give credit' }).click();
	await expect(v.getByText('Given by the operator')).toBeVisible();
	await row.getByRole('button', { name: 'Block' }).click();
	const block = o.getByRole('dialog', { name: 'Block' });
	await block.getByLabel('Why?').fill('The stall is being looked at');
	await block.getByRole('button', { name: 'Block' }).click();
	await expect(row.getByText('blocked')).toBeVisible();
	await inspect(o, 'operator-credit-blocked');
	await expect(v.getByText('Your credit is blocked')).toBeVisible();
	await inspect(v, 'credit-blocked');
	await row.getByRole('button', { name: 'Unblock' }).click();
	await o.getByRole('dialog').getByLabel('Why?').fill('All is well');
	await o.getByRole('dialog').getByRole('button', { name: 'Unblock' }).click();
	await expect(v.getByText('Your credit is blocked')).toHaveCount(0);
}

async function fromTheRight(v: Page) {
	const ur = words('ur');
	const answer = await v.request.patch('/api/v1/me', { data: { language: 'ur' } });
	expect(answer.ok()).toBe(true);
	await v.emulateMedia({ colorScheme: 'dark' });
	await v.reload();
	await expect(v.locator('html')).toHaveAttribute('dir', 'rtl');
	await expect(v.getByRole('heading', { name: ur['credit.days'] ?? '' })).toBeVisible();
	await inspect(v, 'credit-ur');
	await v.getByRole('button', { name: ur['credit.top-up'] ?? '' }).click();
	await expect(v.getByRole('dialog')).toBeVisible();
	await inspect(v, 'top-up-ur');
}
