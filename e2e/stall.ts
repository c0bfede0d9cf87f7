// A stall, set up by the vendor's own calls: journeys that are about something else begin behind it.
import { randomInt, randomUUID } from 'node:crypto';
import { expect, type Page } from '@playwright/test';
import { words } from './words.ts';

export interface Stall {
	name: string;
	/** The path its code carries. */
	door: string;
	tenant: string;
	phone: string;
}

/** Guards nothing but a journey. */
export const PASSWORD = 'mango-lemon-tamarind';

const ENGLISH = { code: 'en', name: 'English' };

/** A number nobody has signed up with. */
export const freshNumber = (): string => `9${String(randomInt(1e9)).padStart(9, '0')}`;

/** Makes a stall with 120 kg of tomatoes at ₹40 and leaves `vendor` at its first page, signed in. */
export async function openStall(vendor: Page, language = 'en'): Promise<Stall> {
	const phone = freshNumber();
	const call = async (method: 'post' | 'put' | 'get', path: string, data?: unknown) => {
		const answer = await vendor.request[method](`/api/v1${path}`, data ? { data } : {});
		expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
		return (await answer.json()) as Record<string, string>;
	};
	await call('post', '/accounts', { phone, name: 'Journey', password: PASSWORD, language });
	const name = `Stall ${phone.slice(-4)}`;
	const { tenant_id: tenant = '' } = await call('put', '/stall', { name, language });
	const price = { amount: { minor: 4000, currency: 'INR' }, per: '1', unit: 'kg' };
	const tomato = { client_id: randomUUID(), name: 'Tomato', language: 'en', lemma: 'tomato', price, stock: '120' };
	await call('post', '/products', tomato);
	const { url = '' } = await call('get', '/stall/qr');
	await vendor.goto('/v');
	return { name, door: new URL(url).pathname, tenant, phone };
}

/** Scans the code and starts in a language. */
export async function enter(buyer: Page, stall: Stall, language: { code: string; name: string } = ENGLISH): Promise<void> {
	await buyer.goto(stall.door);
	await expect(buyer.getByRole('heading', { name: stall.name })).toBeVisible();
	await buyer.getByRole('button', { name: new RegExp(language.name) }).last().click();
	await buyer.waitForURL('**/b/*');
	await expect(buyer.getByRole('textbox', { name: words(language.code)['message.write'] ?? '' })).toBeVisible();
}

/** Takes up the first talk on the vendor's first page. */
export async function takeUp(vendor: Page): Promise<void> {
	await vendor.locator('a[href^="/v/visits/"]').first().click();
	await vendor.waitForURL('**/v/visits/*');
	await expect(vendor.getByRole('log')).toBeVisible();
}

/** Says something in writing. */
export async function write(page: Page, text: string, language = ENGLISH.code): Promise<void> {
	const said = words(language);
	await page.getByRole('textbox', { name: said['message.write'] ?? '' }).fill(text);
	await page.getByRole('button', { name: said['action.send'] ?? '', exact: true }).click();
}

/** The buyer offers so, and the vendor accepts. */
export async function agreeOn(buyer: Page, vendor: Page, offer: string): Promise<void> {
	await write(buyer, offer);
	await buyer.getByRole('button', { name: 'Yes, right' }).click();
	await vendor.getByRole('button', { name: /^Accept/ }).click();
	await vendor.getByRole('button', { name: 'Yes, deal' }).click();
	await expect(buyer.getByRole('link', { name: /^Pay now/ })).toBeVisible();
}

/** The vendor, at an order's page, has the money for it in hand. */
export async function takeCash(vendor: Page): Promise<void> {
	await vendor.getByRole('button', { name: 'In cash' }).click();
	await vendor.getByRole('button', { name: 'Yes, I have it' }).click();
	await vendor.getByRole('button', { name: 'Continue' }).click();
}

/** Signs the demo's operator in on one of the operator's pages. */
export async function operate(operator: Page, path: string): Promise<void> {
	await operator.goto(path);
	await operator.getByLabel('Mobile number').fill('9000000002');
	await operator.getByLabel('Password', { exact: true }).fill('tomato-onion-brinjal');
	await operator.getByRole('button', { name: 'Sign in' }).click();
	await operator.waitForURL(`**${path}`);
}
