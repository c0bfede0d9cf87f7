// Words that would be a page: whatever people type or say is text, on the other side's screen too.
import { expect, test, type Page } from '@playwright/test';
import { phone, withPhones } from '../phone.ts';
import { enter, openStall, takeUp, write } from '../stall.ts';

const MARKUP = '<img src=x onerror="window.harmed=1">';

/** Nothing of it became a part of the page, or made it wider than the phone. */
async function isUnharmed(page: Page): Promise<void> {
	expect(await page.evaluate(() => innerWidth)).toBe(360);
	await expect(page.locator('img[src="x"]')).toHaveCount(0);
	expect(await page.evaluate(() => 'harmed' in window)).toBe(false);
}

test('what is said with markup in it is text on both screens', async () => {
	const [vendor, buyer] = [await phone(), await phone()];
	const [v, b] = [vendor.page, buyer.page];
	await withPhones([vendor, buyer], async () => {
		const stall = await openStall(v);
		const name = `Stall ${MARKUP}`;
		const named = await v.request.put('/api/v1/stall', { data: { name, language: 'en' } });
		expect(named.ok(), await named.text()).toBe(true);
		await enter(b, { ...stall, name });
		await isUnharmed(b);
		await v.reload();
		await takeUp(v);
		await write(b, `Are they fresh? ${MARKUP}`);
		await expect(b.getByRole('log').getByText(MARKUP)).toBeVisible();
		await expect(v.getByRole('log').getByText(MARKUP)).toBeVisible();
		await write(v, `From today ${MARKUP}`);
		await expect(b.getByRole('log').getByText(`From today ${MARKUP}`)).toBeVisible();
		await isUnharmed(v);
		await isUnharmed(b);
	});
});
