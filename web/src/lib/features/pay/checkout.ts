// The gateway's own payment sheet. Its script is fetched only when somebody taps it.
import type { Schemas } from '#lib/api/client.ts';
import { Problem } from '#lib/api/problem.ts';

const SCRIPT = 'https://checkout.razorpay.com/v1/checkout.js';

type Checkout = NonNullable<Schemas['WayToPay']['checkout']>;
interface Options {
	key: string;
	order_id: string;
	amount: number;
	currency: string;
	name: string;
	handler: (answer: Schemas['CheckoutAnswer']) => void;
	modal: { ondismiss: () => void };
	customer_id?: string;
	recurring?: '1';
}
type Gateway = new (options: Options) => { open(): void };

function loadScript(url: string): Promise<void> {
	const known = document.querySelector(`script[src="${CSS.escape(url)}"]`);
	if (known && gateway()) return Promise.resolve();
	known?.remove();
	return new Promise((resolve, reject) => {
		const script = document.createElement('script');
		script.src = url;
		script.onload = () => resolve();
		script.onerror = () => reject(new Problem('offline', 0));
		document.head.append(script);
	});
}

const gateway = () => (globalThis as { Razorpay?: Gateway }).Razorpay;

/** Whether a page at `protocol` may load the sheet: one over https loads no script that is not. */
export const canOpen = (way: Checkout, protocol: string): boolean =>
	protocol !== 'https:' || !/^http:/i.test(way.script_url ?? SCRIPT);

/** Opens the gateway's sheet; answers what it says, or nothing where it was closed. What it says is the server's to check. */
export async function payByCheckout(
	way: Checkout,
	amount: Schemas['Money'],
	payee: string
): Promise<Schemas['CheckoutAnswer'] | undefined> {
	await loadScript(way.script_url ?? SCRIPT);
	const Razorpay = gateway();
	if (!Razorpay) throw new Problem('unavailable', 503);
	return new Promise((resolve) => {
		new Razorpay({
			key: way.key_id,
			order_id: way.order_id,
			amount: amount.minor,
			currency: amount.currency,
			name: payee,
			...(way.customer_id ? { customer_id: way.customer_id, recurring: '1' as const } : {}),
			handler: (answer) => resolve(answer),
			modal: { ondismiss: () => resolve(undefined) }
		}).open();
	});
}
