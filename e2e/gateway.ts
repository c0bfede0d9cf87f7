// The payer at the emulated bank.
import { expect, type APIRequestContext } from '@playwright/test';

/** The run's own. */
const GATEWAY = 'http://127.0.0.1:18090';

/** Opens the emulated bank's page of the UPI code for this amount and pays it by hand. */
export async function codeToPay(request: APIRequestContext, paise: number, gateway = GATEWAY): Promise<string> {
	const credentials = Buffer.from('rzp_test_emulator00001:emulator-secret-0001').toString('base64');
	const answer = await request.get(`${gateway}/v1/payments/qr_codes?count=100`, {
		headers: { authorization: `Basic ${credentials}` }
	});
	expect(answer.ok()).toBe(true);
	const { items } = (await answer.json()) as { items: { id: string; status: string; payment_amount: number; created_at: number }[] };
	const code = items.filter((c) => c.status === 'active' && c.payment_amount === paise).sort((a, b) => b.created_at - a.created_at)[0];
	expect(code, `a code of ${paise} paise`).toBeDefined();
	return `${gateway}/pay/qr/${code?.id}`;
}
