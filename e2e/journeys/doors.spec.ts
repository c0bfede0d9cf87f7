// The doors: codes that lead nowhere, and the first screens of somebody who reads from the right.
import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { inspect, phone, withPhones } from '../phone.ts';
import { openStall } from '../stall.ts';
import { words } from '../words.ts';

/** A genuine code of the day before yesterday: signed as the server signs, with the key of this run's server. */
function oldCode(tenant: string): string {
	const master = Buffer.from(readFileSync(`${process.env.VYAPAR_JOURNEY_DATA}/demo/master.key`, 'utf8').trim(), 'hex');
	const key = Buffer.from(hkdfSync('sha256', master, 'vyapar', 'stall-qr', 32));
	const issued = Buffer.alloc(4);
	issued.writeUInt32BE(Math.floor(Date.now() / 1000) - 48 * 3600);
	const signed = Buffer.concat([Buffer.from([1]), Buffer.from(tenant.replaceAll('-', ''), 'hex'), issued, randomBytes(8)]);
	return Buffer.concat([signed, createHmac('sha256', key).update(signed).digest().subarray(0, 16)]).toString('base64url');
}

test('a forged code is shown as such', async () => {
	const [vendor, buyer] = [await phone(), await phone()];
	await withPhones([vendor, buyer], async () => {
		const { door } = await openStall(vendor.page);
		// One letter of a genuine code is another.
		await buyer.page.goto(door.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')).replace(/.(?=.{9}$)/, (one) => (one === 'A' ? 'B' : 'A')));
		await expect(buyer.page.getByText('This code is not genuine')).toBeVisible();
		await inspect(buyer.page, 'forged');
	});
});

test('a code of an earlier day asks for the new one, by the name of the stall', async () => {
	const [vendor, buyer] = [await phone(), await phone()];
	await withPhones([vendor, buyer], async () => {
		const { tenant, name } = await openStall(vendor.page);
		await buyer.page.goto(`/s/${oldCode(tenant)}`);
		await expect(buyer.page.getByText('This code is too old')).toBeVisible();
		await expect(buyer.page.getByText(name)).toBeVisible();
		await inspect(buyer.page, 'expired');
	});
});

test('who reads from the right begins at the right, by night too', async () => {
	const ur = words('ur');
	const [vendor, buyer] = [await phone(), await phone({ locale: 'ur-IN', dark: true })];
	const b = buyer.page;
	await withPhones([vendor, buyer], async () => {
		const { door } = await openStall(vendor.page);
		await b.goto('/');
		await expect(b.locator('html')).toHaveAttribute('dir', 'rtl');
		await expect(b.getByRole('heading', { name: ur['welcome.promise'] ?? '' })).toBeVisible();
		await inspect(b, 'welcome-ur');
		await b.goto('/v/sign-in');
		await inspect(b, 'sign-in-ur');
		await b.goto('/scan');
		await inspect(b, 'scan-ur');
		await b.goto(door);
		await b.getByRole('button', { name: /اردو/ }).last().click();
		await b.waitForURL('**/b/*');
		await expect(b.getByRole('textbox', { name: ur['message.write'] ?? '' })).toBeVisible();
		await inspect(b, 'talk-ur');
		await b.getByRole('button', { name: ur['offer.make'] ?? '' }).click();
		await expect(b.getByRole('dialog')).toBeVisible();
		await inspect(b, 'offer-ur');
	});
});
