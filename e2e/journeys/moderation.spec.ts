// Whoever keeps order: a report, and what comes of it.
import { expect, test } from '@playwright/test';
import { inspect, phone, withPhones } from '../phone.ts';
import { enter, openStall, operate } from '../stall.ts';

test('a buyer reports a stall, which is closed and opened again', async () => {
	const [vendor, buyer, operator] = [await phone(), await phone(), await phone()];
	await withPhones([vendor, buyer, operator], async () => {
		const stall = await openStall(vendor.page);
		await enter(buyer.page, stall);
		const visit = new URL(buyer.page.url()).pathname;
		await buyer.page.goto('/b');
		await buyer.page.getByRole('link', { name: /^Report/ }).first().click();
		await buyer.page.waitForURL(`**${visit}/report`);
		await buyer.page.getByLabel('Cheating').check();
		await buyer.page.getByLabel(/What happened/).fill('The scales are off');
		await inspect(buyer.page, 'report');
		await buyer.page.getByRole('button', { name: 'Send the report' }).click();
		await expect(buyer.page.getByText('Nobody has decided yet.')).toBeVisible();

		const o = operator.page;
		await operate(o, '/op/moderation');
		const row = o.getByRole('row', { name: new RegExp(stall.name) });
		await row.getByRole('button', { name: 'Look' }).click();
		await o.getByLabel('Why?').fill('the queue of the morning');
		await o.getByRole('dialog').getByRole('button', { name: 'Look' }).click();
		await expect(o.getByText('The scales are off')).toBeVisible();
		await inspect(o, 'operator-report');
		await o.getByLabel('Why?').fill('the scales were off');
		await o.getByRole('dialog').getByRole('button', { name: 'Close the stall' }).click();
		await expect(row).toContainText('closed for now');
		await buyer.page.reload();
		await expect(buyer.page.getByText('The stall was closed for now.')).toBeVisible();
		await vendor.page.goto('/v');
		await expect(vendor.page.getByText(/Your stall has been closed since/)).toBeVisible();
		await row.getByRole('button', { name: 'Open the stall again' }).click();
		await o.getByLabel('Why?').fill('new scales');
		await o.getByRole('dialog').getByRole('button', { name: 'Open the stall again' }).click();
		await expect(row.getByRole('button', { name: 'Close the stall' })).toBeVisible();
	});
});
