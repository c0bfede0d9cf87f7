// A phone in somebody's hand: a browser of its own, with what its microphone hears.
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, expect, type Browser, type Page } from '@playwright/test';
import config, { BROWSER } from './playwright.config.ts';

const use = config.use ?? {};
const shots = fileURLToPath(new URL('../docs/screens/', import.meta.url));

export interface Phone {
	page: Page;
	close: () => Promise<void>;
}

/** A phone whose speaker says what is in `heard` (WAV) when the microphone opens. */
export async function phone(heard?: string): Promise<Phone> {
	const microphone = heard ? [`--use-file-for-fake-audio-capture=${heard}%noloop`] : [];
	const browser: Browser = await chromium.launch({
		executablePath: use.launchOptions?.executablePath ?? '/usr/bin/chromium',
		args: [...BROWSER, ...microphone]
	});
	const context = await browser.newContext({
		baseURL: use.baseURL ?? '',
		viewport: { width: 360, height: 740 },
		deviceScaleFactor: 2,
		isMobile: true,
		hasTouch: true,
		locale: 'en-IN',
		timezoneId: 'Asia/Kolkata',
		permissions: ['microphone'],
		reducedMotion: 'reduce'
	});
	context.setDefaultTimeout(15_000);
	const page = await context.newPage();
	page.on('pageerror', (error) => {
		throw error;
	});
	return { page, close: () => browser.close() };
}

/** Nothing on this screen keeps anybody out (WCAG 2.2 AA), and a picture of it where the run was asked for pictures. */
export async function inspect(page: Page, name: string): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
	expect(violations.map((v) => `${name}: ${v.id} at ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([]);
	const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
	expect(overflow, `${name} is wider than the phone`).toBeLessThanOrEqual(0);
	if (process.env.VYAPAR_SCREENS) await page.screenshot({ path: `${shots}${name}.png` });
}
