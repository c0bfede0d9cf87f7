// A server of its own, whose talk the emulated BHASHINI translates: what the other journeys say is for this machine's recogniser.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const READY_WITHIN_MS = 60_000;

export interface Translated {
	url: string;
	/** The gateway it is paid through. */
	gateway: string;
	/** What BHASHINI says when it is asked for a text in another language. */
	script: (lines: readonly { input: string; output: string }[]) => Promise<void>;
	stop: () => Promise<void>;
}

/** Starts it, with a database of its own. */
export async function startTranslated(): Promise<Translated> {
	const data = process.env.VYAPAR_JOURNEY_DATA ?? '';
	const [http, https, gateway, cards, bhashini, unused, spare] = await freeAddresses(7);
	const account = {
		VYAPAR_VOICE__BHASHINI__CONFIG_URL: `http://${bhashini}/ulca/apis/v0/model/getModelsPipeline`,
		VYAPAR_VOICE__BHASHINI__USER_ID: 'emulator-user',
		VYAPAR_VOICE__BHASHINI__API_KEY: 'emulator-ulca-key'
	};
	const run = (errors: 'ignore' | 'inherit', ...given: string[]) =>
		spawn(`${data}/vyapar`, given, { env: { ...process.env, ...account }, stdio: ['ignore', 'ignore', errors] });
	// The demo's own gateway is the one that is paid through; the emulator's other half is called by nobody.
	const programs = [run('ignore', 'emulator', '--razorpay', `${unused}`, '--bhashini', `${bhashini}`, '--stripe', `${spare}`, '--twilio', '127.0.0.1:0')];
	const stop = async () => void (await Promise.all(programs.map(end)));
	try {
		await ready(`http://${bhashini}/_control/heard`);
		const listens = ['--http', `${http}`, '--https', `${https}`, '--gateway', `${gateway}`, '--cards', `${cards}`];
		programs.push(run('inherit', 'demo', '--no-play', ...listens, '--data-dir', `${data}/translated`));
		await ready(`http://${http}/readyz`);
	} catch (failure) {
		await stop();
		throw failure;
	}
	return { url: `http://${http}`, gateway: `http://${gateway}`, script: (lines) => teach(`${bhashini}`, lines), stop };
}

async function teach(bhashini: string, lines: readonly { input: string; output: string }[]): Promise<void> {
	const body = JSON.stringify(lines.map((line) => ({ task: 'translation', ...line })));
	const answer = await fetch(`http://${bhashini}/_control/script`, { method: 'POST', body });
	if (!answer.ok) throw new Error(`BHASHINI takes no script: ${await answer.text()}`);
}

/** Addresses of this machine that nobody listens on. */
export async function freeAddresses(count: number): Promise<string[]> {
	const listeners = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
	await Promise.all(listeners.map((listener) => once(listener, 'listening')));
	const found = listeners.map((listener) => `127.0.0.1:${(listener.address() as AddressInfo).port}`);
	await Promise.all(listeners.map((listener) => once(listener.close(), 'close')));
	return found;
}

export async function ready(url: string): Promise<void> {
	for (const since = Date.now(); Date.now() - since < READY_WITHIN_MS; await pause(200)) {
		const answer = await fetch(url).catch(() => undefined);
		if (answer?.ok) return;
	}
	throw new Error(`${url} does not answer`);
}

export async function end(program: ChildProcess): Promise<void> {
	if (program.exitCode !== null || program.signalCode !== null) return;
	const ended = once(program, 'exit');
	program.kill('SIGTERM');
	await ended;
}
