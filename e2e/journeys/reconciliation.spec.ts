// The operator has a day's money compared, and gives files of the gateway and of the bank.
import { expect, test, type Page } from '@playwright/test';
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
		const columns = 'entity_id,type,debit,credit,amount,currency,fee,tax,created_at,settled_at,settlement_id,settlement_utr';
		const wrong = `${columns}\npay_1,payment,0,14646,150.00,INR,3.54,0.54,1764000000,1764172800,setl_1,BANK2511260001\n`;
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

		await giveStatement(o, '26/11/2025,rent,1000,\n');
		await expect(sheet.getByRole('listitem')).toHaveText('2: 1000 is no amount in rupees with two decimals');
		await inspect(o, 'operator-bank-statement');
		await choose(o, '26/11/2025,rent,1000.00,\n01/12/2025,interest,,4.00\n');
		await sheet.getByRole('button', { name: 'Send' }).click();
		await expect(sheet.getByText('Lines: 2, of settlements and payouts: 0, new: 0')).toBeVisible();
		await o.keyboard.press('Escape');
		const missing = o.getByRole('row', { name: /The bank does not show it.*setl_1/ });
		await expect(async () => {
			await o.reload();
			await expect(missing).toBeVisible({ timeout: 2_000 });
		}).toPass();
		await expect(missing).toContainText('₹146.46');
		await inspect(o, 'operator-bank-missing');
		await giveStatement(o, '27/11/2025,NEFT CR-BANK2511260001-RAZORPAY,,146.46\n');
		await expect(sheet.getByText('Lines: 1, of settlements and payouts: 1, new: 1')).toBeVisible();
		await o.keyboard.press('Escape');
		await expect(async () => {
			await o.reload();
			await expect(o.getByRole('row', { name: /2025-11-26.*Bank.*1\/1/ })).toBeVisible({ timeout: 2_000 });
		}).toPass();

		await o.getByLabel('State').selectOption('dismissed');
		await o.waitForURL('**/op/reconciliation?state=dismissed');
		await expect(o.getByRole('row', { name: /pay_1/ })).toContainText('left as it is');
		await inspect(o, 'operator-exceptions');
	});
});

async function choose(o: Page, lines: string) {
	const buffer = Buffer.from(`Date,Narration,Withdrawal,Deposit\n${lines}`);
	await o.getByRole('dialog').getByLabel('Bank statement').setInputFiles({ name: 'bank.csv', mimeType: 'text/csv', buffer });
}

async function giveStatement(o: Page, lines: string) {
	await o.getByRole('button', { name: 'Bank statement' }).click();
	await choose(o, lines);
	await o.getByRole('dialog').getByLabel('Why?').fill('the month ends');
	await o.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
}
