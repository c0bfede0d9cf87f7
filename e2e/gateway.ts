// The payer at the emulated bank.
import { expect, type APIRequestContext, type Page } from '@playwright/test';
import { phone } from './phone.ts';

/** The run's own. */
const GATEWAY = 'http://127.0.0.1:18090';
const KEY = 'rzp_test_emulator00001';
const CREDENTIALS = Buffer.from(`${KEY}:emulator-secret-0001`).toString('base64');

/** Opens the emulated bank's page of the UPI code for this amount and pays it by hand. */
export async function codeToPay(request: APIRequestContext, paise: number, gateway = GATEWAY): Promise<string> {
	const answer = await request.get(`${gateway}/v1/payments/qr_codes?count=100`, {
		headers: { authorization: `Basic ${CREDENTIALS}` }
	});
	expect(answer.ok()).toBe(true);
	const { items } = (await answer.json()) as { items: { id: string; status: string; payment_amount: number; created_at: number }[] };
	const code = items.filter((c) => c.status === 'active' && c.payment_amount === paise).sort((a, b) => b.created_at - a.created_at)[0];
	expect(code, `a code of ${paise} paise`).toBeDefined();
	return `${gateway}/pay/qr/${code?.id}`;
}

/** Pays the code of this amount, which `payer` has on the screen, at the bank's own page, until `payer` is told so. */
export async function payAtBank(payer: Page, request: APIRequestContext, paise: number, gateway = GATEWAY): Promise<void> {
	await expect(payer.getByRole('img', { name: /UPI QR/ })).toBeVisible();
	const bank = await phone();
	await bank.page.goto(await codeToPay(request, paise, gateway));
	await bank.page.getByRole('button', { name: 'Pay', exact: true }).click();
	await expect(payer.getByRole('dialog', { name: 'Paid' })).toBeVisible({ timeout: 20_000 });
	await bank.close();
}

/** What the gateway calls the newest captured payment of this amount. */
export async function theNewestPayment(request: APIRequestContext, paise: number): Promise<string> {
	const answer = await request.get(`${GATEWAY}/v1/payments?count=100`, { headers: { authorization: `Basic ${CREDENTIALS}` } });
	const { items } = (await answer.json()) as { items: { id: string; amount: number; captured: boolean }[] };
	const found = items.find((payment) => payment.amount === paise && payment.captured);
	expect(found, `a payment of ${paise} paise`).toBeDefined();
	return found?.id ?? '';
}

/** Lets something happen at the gateway behind everybody's back; gives the id of what came of it. */
export async function suffer(request: APIRequestContext, mishap: Record<string, unknown>): Promise<string> {
	const answer = await request.post(`${GATEWAY}/_control/merchants/${KEY}/mishaps`, { data: mishap });
	expect(answer.ok(), await answer.text()).toBe(true);
	return ((await answer.json()) as { id: string }).id;
}
