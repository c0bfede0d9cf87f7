// What can go wrong between two people at a stall: an unclear number, no network, a phone that was put away.
import { expect, test } from '@playwright/test';
import { inspect, phone, withPhones } from '../phone.ts';
import { enter, openStall, takeUp, write } from '../stall.ts';

test('a number that is not sure is asked back before the vendor sees an offer', async () => {
	const [vendor, buyer] = [await phone(), await phone()];
	const [v, b] = [vendor.page, buyer.page];
	await withPhones([vendor, buyer], async () => {
		await enter(b, await openStall(v));
		await takeUp(v);
		await write(b, '5 kg tomato for thirteen fifty');
		const question = b.getByRole('dialog', { name: 'What did you mean?' });
		await expect(question).toBeVisible();
		await inspect(b, 'unsure');
		await expect(v.getByRole('button', { name: /^Accept/ })).toHaveCount(0);
		await question.getByRole('button', { name: /13\.50/ }).click();
		await expect(v.getByRole('button', { name: 'Accept ₹13.50 5 kg' })).toBeVisible();
		await expect(question).toBeHidden();
	});
});

test('what is said without a network is sent once when it is back', async () => {
	const [vendor, buyer] = [await phone(), await phone()];
	const [v, b] = [vendor.page, buyer.page];
	await withPhones([vendor, buyer], async () => {
		await enter(b, await openStall(v));
		// Before anything is here that the page fetches while nobody waits.
		await b.context().setOffline(true);
		await write(b, 'Are they fresh today?');
		await expect(b.getByRole('log').getByText('Are they fresh today?')).toBeVisible();
		await expect(b.getByText('Waiting for connection').or(b.getByText('Sending…'))).toBeVisible();
		await takeUp(v);
		await expect(b.getByText('No connection.', { exact: false })).toBeVisible();
		await inspect(b, 'offline');
		await b.context().setOffline(false);
		await expect(v.getByRole('log').getByText('Are they fresh today?')).toBeVisible({ timeout: 30_000 });
		await expect(b.getByText('Waiting for connection')).toHaveCount(0);
		await b.reload();
		await expect(b.getByRole('log').getByText('Are they fresh today?')).toHaveCount(1);
		await v.reload();
		await expect(v.getByRole('log').getByText('Are they fresh today?')).toHaveCount(1);
	});
});

test('a phone that is put away in the middle finds everything again', async () => {
	const [vendor, buyer] = [await phone({ dark: true }), await phone({ dark: true })];
	const [v, b] = [vendor.page, buyer.page];
	await withPhones([vendor, buyer], async () => {
		await enter(b, await openStall(v));
		await takeUp(v);
		await write(b, '5 kg tomato for 150');
		await expect(b.getByRole('dialog', { name: 'Did I hear you right?' })).toBeVisible();
		// The question is still there for whoever comes back.
		await b.reload();
		await b.getByRole('button', { name: 'Yes, right' }).click();
		await v.reload();
		await v.getByRole('group', { name: 'Other price' }).getByRole('button').first().click();
		const accept = b.getByRole('button', { name: /^Accept/ });
		await expect(accept).toBeVisible();
		const asked = await accept.textContent();
		await b.reload();
		await expect(accept).toHaveText(asked ?? '');
		await inspect(b, 'negotiation-dark');
		await expect(b.getByRole('log').getByText('5 kg tomato for 150')).toHaveCount(1);
		await accept.click();
		await expect(b.getByRole('dialog', { name: 'Shall I agree?' })).toBeVisible();
		await inspect(b, 'deal-read-back-dark');
		await b.reload();
		await b.getByRole('button', { name: 'Yes, deal' }).click();
		await b.waitForURL('**/pay');
		await b.reload();
		await expect(b.getByRole('img', { name: /UPI QR/ })).toBeVisible();
		await inspect(b, 'pay-dark');
	});
});
