// A server of its own that writes to telephones, through the emulated carrier: on the others numbers are taken on their owners' word.
import { spawn } from 'node:child_process';
import { expect } from '@playwright/test';
import { end, freeAddresses, ready } from './translated.ts';

export interface Texted {
	/** Where phones find it: passkeys are bound to a name. */
	url: string;
	/** What was written to a number, oldest first; `whatsapp:` before the number for what went there. */
	written: (to: string) => Promise<string[]>;
	/** The code in the newest message to a number, once there are so many. */
	code: (to: string, count: number) => Promise<string>;
	stop: () => Promise<void>;
}

const digits = (digit: string) => digit.repeat(32);

/** Starts it, with a database of its own; its letters go to the run's mail server. */
export async function startTexted(): Promise<Texted> {
	const data = process.env.VYAPAR_JOURNEY_DATA ?? '';
	const [http, carrier, a, b, c] = await freeAddresses(5);
	const account = {
		VYAPAR_DATA_DIR: `${data}/texted`,
		VYAPAR_HTTP__ADDRESS: `${http}`,
		VYAPAR_SMS__BASE_URL: `http://${carrier}`,
		VYAPAR_SMS__ACCOUNT_SID: `AC${digits('0')}`,
		VYAPAR_SMS__AUTH_TOKEN: 'emulator-auth-token',
		VYAPAR_SMS__FROM: '"+15005550006"',
		VYAPAR_SMS__WHATSAPP__FROM: '"+14155238886"',
		VYAPAR_SMS__WHATSAPP__TEMPLATES: `{en="HX${digits('1')}"}`,
		VYAPAR_MAIL__SERVER: 'smtp://127.0.0.1:18096',
		VYAPAR_MAIL__FROM: 'VyaparMitra <no-reply@market.example>',
		VYAPAR_IDENTITY__OPENID:
			'[{name="Elsewhere",issuer="http://127.0.0.1:18094",client_id="vyapar",client_secret="guards-nothing-but-a-journey"}]'
	};
	const run = (...given: string[]) =>
		spawn(`${data}/vyapar`, given, { env: { ...process.env, ...account }, stdio: ['ignore', 'ignore', 'inherit'] });
	const programs = [run('emulator', '--twilio', `${carrier}`, '--razorpay', `${a}`, '--bhashini', `${b}`, '--stripe', `${c}`)];
	const stop = async () => void (await Promise.all(programs.map(end)));
	const written = async (to: string) => {
		const answer = await fetch(`http://${carrier}/_control/sent`);
		const sent = (await answer.json()) as { to: string; body: string }[];
		return sent.filter((message) => message.to === to).map(({ body }) => body);
	};
	const code = async (to: string, count: number) => {
		await expect.poll(async () => (await written(to)).length, { timeout: 15_000 }).toBe(count);
		return /\b\d{6}\b/.exec((await written(to))[count - 1] ?? '')?.[0] ?? '';
	};
	try {
		await ready(`http://${carrier}/_control/sent`);
		programs.push(run('serve'));
		await ready(`http://${http}/readyz`);
	} catch (failure) {
		await stop();
		throw failure;
	}
	return { url: `http://localhost:${new URL(`http://${http}`).port}`, written, code, stop };
}
