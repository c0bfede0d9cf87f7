// A phone in somebody's hand: a browser of its own, with what its microphone hears.
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, expect, test, type Browser, type Page } from '@playwright/test';
import config, { BROWSER } from './playwright.config.ts';

const use = config.use ?? {};
const shots = fileURLToPath(new URL('../docs/screens/', import.meta.url));

export interface Phone {
	page: Page;
	/** Puts it away; fails where a script of the page has failed. */
	close: () => Promise<void>;
}

interface Owner {
	heard?: string;
	locale?: string;
	dark?: boolean;
	/** The server it calls; the run's own where it is left out. */
	at?: string;
}

const ownAddress = () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;

/** A phone whose microphone hears what is in `heard` (WAV) when it opens, and whose owner reads `locale`, by day or by night. */
export async function phone({ heard, locale = 'en-IN', dark = false, at = use.baseURL ?? '' }: Owner = {}): Promise<Phone> {
	const microphone = heard ? [`--use-file-for-fake-audio-capture=${heard}%noloop`] : [];
	const browser: Browser = await chromium.launch({
		executablePath: use.launchOptions?.executablePath ?? '/usr/bin/chromium',
		args: [...BROWSER, ...microphone]
	});
	const context = await browser.newContext({
		baseURL: at,
		viewport: { width: 360, height: 740 },
		deviceScaleFactor: 2,
		isMobile: true,
		hasTouch: true,
		locale,
		colorScheme: dark ? 'dark' : 'light',
		timezoneId: 'Asia/Kolkata',
		permissions: ['microphone'],
		// Each phone has a network of its own: all of them together are no crowd behind one address.
		extraHTTPHeaders: { 'X-Forwarded-For': ownAddress() },
		reducedMotion: 'reduce'
	});
	context.setDefaultTimeout(15_000);
	context.setDefaultNavigationTimeout(15_000);
	const page = await context.newPage();
	const failures: string[] = [];
	if (process.env.VYAPAR_CONSOLE) page.on('console', (m) => console.log(m.type(), m.text()));
	page.on('pageerror', (error) => failures.push(error.stack ?? error.message));
	const close = async () => {
		await browser.close();
		expect(failures, 'scripts that failed').toEqual([]);
	};
	return { page, close };
}

/** Plays with two phones and puts them away, whatever happens. */
export async function withPhones(phones: Phone[], play: () => Promise<void>): Promise<void> {
	try {
		await play();
	} catch (failure) {
		await Promise.all(phones.map(keepPicture));
		await Promise.allSettled(phones.map((one) => one.close()));
		throw failure;
	}
	for (const one of phones) await one.close();
}

/** What was on the screen when a journey failed, beside its report. */
async function keepPicture({ page }: Phone, place: number): Promise<void> {
	const path = test.info().outputPath(`phone-${place}.png`);
	await page.screenshot({ path, timeout: 3000 }).catch(() => undefined);
}

/** Nothing on this screen keeps anybody out (WCAG 2.2 AA), and a picture of it where the run was asked for
 * pictures: of those that are there already (`VYAPAR_SCREENS=1`), or of all screens (`VYAPAR_SCREENS=all`). */
export async function inspect(page: Page, name: string): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
	expect(violations.map((v) => `${name}: ${v.id} at ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([]);
	const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
	expect(overflow, `${name} is wider than the phone`).toBeLessThanOrEqual(0);
	if (process.env.VYAPAR_SCREENS === 'all' || (process.env.VYAPAR_SCREENS && existsSync(`${shots}${name}.png`)))
		await page.screenshot({ path: `${shots}${name}.png` });
}
