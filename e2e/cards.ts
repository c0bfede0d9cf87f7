// A server of its own that takes cards: the emulated Stripe beside the emulated Razorpay.
import { spawn } from 'node:child_process';
import { end, freeAddresses, ready } from './translated.ts';

/** Guards nothing: no money is real. */
const KEY = 'sk_test_emulator0000000000001';
const SECRET = 'whsec_of_the_journey';

export interface Shop {
	url: string;
	/** Where the emulated Stripe is. */
	stripe: string;
	stop: () => Promise<void>;
}

/** Starts it, with a database of its own. */
export async function startTakingCards(): Promise<Shop> {
	const data = process.env.VYAPAR_JOURNEY_DATA ?? '';
	const [http, razorpay, bhashini, stripe] = await freeAddresses(4);
	const { DATABASE_URL: _, ...env } = process.env;
	const settings = {
		VYAPAR_DATA_DIR: `${data}/cards`,
		VYAPAR_HTTP__ADDRESS: `${http}`,
		VYAPAR_PUBLIC_URL: `http://${http}`,
		VYAPAR_PAYMENTS__STRIPE__BASE_URL: `http://${stripe}`,
		VYAPAR_PAYMENTS__STRIPE__SECRET_KEY: KEY,
		VYAPAR_PAYMENTS__STRIPE__WEBHOOK_SECRET: SECRET,
		VYAPAR_PAYMENTS__RAZORPAY__BASE_URL: `http://${razorpay}`,
		VYAPAR_PAYMENTS__RAZORPAY__KEY_ID: 'rzp_test_emulator00001',
		VYAPAR_PAYMENTS__RAZORPAY__KEY_SECRET: 'emulator-secret-0001',
		VYAPAR_PAYMENTS__RAZORPAY__WEBHOOK_SECRET: 'webhook-secret'
	};
	const run = (errors: 'ignore' | 'inherit', ...given: string[]) =>
		spawn(`${data}/vyapar`, given, { env: { ...env, ...settings }, stdio: ['ignore', 'ignore', errors] });
	const vendors = ['--razorpay', `${razorpay}`, '--bhashini', `${bhashini}`, '--stripe', `${stripe}`, '--twilio', '127.0.0.1:0'];
	const programs = [run('ignore', 'emulator', ...vendors)];
	const stop = async () => void (await Promise.all(programs.map(end)));
	try {
		await ready(`http://${stripe}/_control/accounts`);
		const hooks = [{ url: `http://${http}/api/v1/webhooks/stripe`, secret: SECRET }];
		const told = await fetch(`http://${stripe}/_control/accounts/${KEY}/webhooks`, { method: 'PUT', body: JSON.stringify(hooks) });
		if (!told.ok) throw new Error(`Stripe takes no webhook: ${await told.text()}`);
		programs.push(run('inherit', 'serve'));
		await ready(`http://${http}/readyz`);
	} catch (failure) {
		await stop();
		throw failure;
	}
	return { url: `http://${http}`, stripe: `http://${stripe}`, stop };
}
