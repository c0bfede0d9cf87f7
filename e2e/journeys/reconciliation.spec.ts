// The operator has a day's money compared, and gives a file of settlement lines.
import { expect, test } from '@playwright/test';
import { inspect, phone, withPhones } from '../phone.ts';
import { operate } from '../stall.ts';
import { zip } from '../zip.ts';

test('the operator has a day compared, and a malformed file is refused line by line', async () => {
	const operator = await phone();
	const o = operator.page;
	await withPhones([operator], async () => {
		await operate(o, '/op/reconciliation');
		await o.getByRole('button', { name: 'Compare a day' }).click();
		const sheet = o.getByRole('dialog');
		await sheet.getByLabel('Day').fill('2026-01-26');
		await sheet.getByLabel('Why?').fill('a look at Republic Day');
		await sheet.getByRole('button', { name: 'Compare a day' }).click();
		await expect(sheet).toHaveCount(0);
		await expect(o.getByRole('row', { name: /2026-01-26.*a look at Republic Day/ })).toBeVisible();
		await inspect(o, 'operator-reconciliation');

		await o.getByRole('button', { name: 'Settlement file' }).click();
		const columns = 'entity_id,type,debit,credit,amount,currency,fee,tax,created_at,settled_at,settlement_id';
		const wrong = `${columns}\npay_1,payment,0,14646,150.00,INR,3.54,0.54,1764000000,1764172800,setl_1\n`;
		await sheet.getByLabel('Settlement file').setInputFiles({ name: 'recon.csv', mimeType: 'text/csv', buffer: Buffer.from(wrong) });
		await sheet.getByLabel('Why?').fill('the API is away');
		await sheet.getByRole('button', { name: 'Send' }).click();
		await expect(sheet.getByRole('listitem')).toHaveText('2: credit is no amount in rupees with two decimals');
		await inspect(o, 'operator-settlement-file');
		const right = wrong.replace('14646', '146.46');
		// As the gateway hands it out: packed.
		const packed = { name: 'recon.zip', mimeType: 'application/zip', buffer: zip('recon.csv', right) };
		await sheet.getByLabel('Settlement file').setInputFiles(packed);
		await sheet.getByRole('button', { name: 'Send' }).click();
		await expect(sheet).toHaveCount(0);

		await expect(async () => {
			await o.reload();
			await expect(o.getByRole('row', { name: /Unknown line in a settlement/ })).toBeVisible({ timeout: 2_000 });
		}).toPass();
		await o.getByRole('row', { name: /pay_1/ }).getByRole('button', { name: 'Leave as it is' }).click();
		await sheet.getByLabel('Why?').fill('a line of a test');
		await sheet.getByRole('button', { name: 'Leave as it is' }).click();
		await expect(o.getByRole('row', { name: /pay_1/ })).toContainText('a line of a test');
		await o.getByLabel('State').selectOption('dismissed');
		await o.waitForURL('**/op/reconciliation?state=dismissed');
		await expect(o.getByRole('row', { name: /pay_1/ })).toContainText('left as it is');
		await inspect(o, 'operator-exceptions');
	});
});
