// Journeys in Debian's Chromium on the real server: `vyapar demo` with emulated vendors and a database of its own.
import { copyFileSync, existsSync, mkdtempSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';

const HTTP = '127.0.0.1:18080';
const root = fileURLToPath(new URL('..', import.meta.url));
const programs = `${process.env.CARGO_TARGET_DIR ?? `${root}target`}/debug`;
const built = `${programs}/vyapar`;
// Under /var/tmp, where the unprivileged account of PostgreSQL reaches it; made once, by the process that starts the server.
process.env.VYAPAR_JOURNEY_DATA ??= mkdtempSync('/var/tmp/vyapar-journey-');
const data = process.env.VYAPAR_JOURNEY_DATA;
// A program of its own: it starts itself again for its recogniser, and a build may replace the other one meanwhile.
const vyapar = `${data}/vyapar`;
if (!existsSync(vyapar)) copyFileSync(built, vyapar);

/** What keeps Chromium from calling home, and gives it a microphone. */
export const BROWSER = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--use-fake-ui-for-media-stream',
	'--use-fake-device-for-media-stream'
];

export default defineConfig({
	testDir: 'journeys',
	outputDir: 'test-results',
	timeout: 90_000,
	expect: { timeout: 15_000 },
	workers: 1,
	forbidOnly: true,
	reporter: [['list']],
	globalTeardown: './teardown.ts',
	use: {
		baseURL: `http://${HTTP}`,
		viewport: { width: 360, height: 740 },
		locale: 'en-IN',
		timezoneId: 'Asia/Kolkata',
		actionTimeout: 15_000,
		launchOptions: { executablePath: process.env.VYAPAR_CHROMIUM ?? '/usr/bin/chromium', args: BROWSER }
	},
	webServer: [{
		// An issuer of accounts elsewhere.
		command: 'node issuer.mjs',
		url: 'http://127.0.0.1:18094/.well-known/openid-configuration',
		timeout: 30_000,
		env: { ISSUER_PORT: '18094', ISSUER_RETURN: `http://${HTTP}/api/v1/sessions/openid/return` }
	}, {
		// One that answers with a form, as Apple does, from another site: `localhost` is no site of an address in numbers.
		command: 'node issuer.mjs',
		url: 'http://localhost:18095/.well-known/openid-configuration',
		timeout: 30_000,
		env: { ISSUER_HOST: 'localhost', ISSUER_PORT: '18095', ISSUER_RETURN: `http://${HTTP}/api/v1/sessions/openid/return` }
	}, {
		// A mail server that keeps what it gets.
		command: `exec ${programs}/test-mailbox 127.0.0.1:18096 ${data}/letters`,
		port: 18096,
		timeout: 30_000
	}, {
		command: `chmod 755 ${data} && exec ${vyapar} demo --no-play --http ${HTTP} --https 127.0.0.1:18443 --gateway 127.0.0.1:18090 --cards 127.0.0.1:18092 --data-dir ${data}/demo`,
		url: `http://${HTTP}/readyz`,
		timeout: 60_000,
		// Where vendors may pay top-ups by hand.
		env: {
			VYAPAR_BILLING__PLATFORM__UPI_ID: 'market@emulator',
			// Phones say from where they call, as through a proxy.
			VYAPAR_IDENTITY__TRUSTED_PROXIES: '["127.0.0.1/32"]',
			VYAPAR_MAIL__SERVER: 'smtp://127.0.0.1:18096',
			VYAPAR_MAIL__FROM: 'VyaparMitra <no-reply@market.example>',
			VYAPAR_IDENTITY__OPENID:
				'[{name="Elsewhere",issuer="http://127.0.0.1:18094",client_id="vyapar",client_secret="guards-nothing-but-a-journey"},' +
				'{name="By form",issuer="http://localhost:18095",client_id="vyapar",client_secret="guards-nothing-but-a-journey",form_post=true}]'
		},
		gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 }
	}]
});
