// Whoever runs the installation sees what happens on it.
import { expect, test } from '@playwright/test';
import { inspect, phone, withPhones } from '../phone.ts';
import { enter, openStall, operate } from '../stall.ts';

test('the operator sees visits, orders, refunds, credit, prices, webhooks and jobs', async () => {
	const [vendor, buyer, operator] = [await phone(), await phone(), await phone()];
	const o = operator.page;
	await withPhones([vendor, buyer, operator], async () => {
		const stall = await openStall(vendor.page);
		await enter(buyer.page, stall);
		await operate(o, '/op/visits');
		await expect(o.getByRole('row', { name: new RegExp(stall.name) })).toBeVisible();
		await inspect(o, 'operator-visits');
		await o.getByLabel('State').selectOption('closed');
		await o.waitForURL('**/op/visits?state=closed');
		await expect(o.getByRole('row', { name: new RegExp(stall.name) })).toHaveCount(0);
		for (const list of ['orders', 'refunds', 'credits', 'prices', 'webhooks', 'jobs']) {
			await o.locator(`a[href="/op/${list}"]`).click();
			await o.waitForURL(`**/op/${list}`);
			await expect(o.getByRole('table')).toBeVisible();
			await expect(o.getByRole('alert')).toHaveCount(0);
			await inspect(o, `operator-${list}`);
		}
		// Nobody else gets in.
		await vendor.page.goto('/op/visits');
		await expect(vendor.page.getByRole('table')).toHaveCount(0);
	});
});
