// An owner invites somebody who has no account: they join by the link, see what a seller sees, are in the team that new buyers go to, and are
// out when they are removed.
import { expect, test, type Page } from '@playwright/test';
import { inspect, phone, withPhones } from '../phone.ts';
import { freshNumber, openStall, operate, PASSWORD } from '../stall.ts';
import { words } from '../words.ts';

test('a seller joins by a link and is removed again', async () => {
	test.slow();
	const [owner, seller, admin, buyer] = [await phone(), await phone(), await phone(), await phone()];
	const [o, s, a, b] = [owner.page, seller.page, admin.page, buyer.page];
	await withPhones([owner, seller, admin, buyer], async () => {
		await openStall(o);
		const link = await test.step('the owner makes a link', () => invite(o));
		await test.step('somebody new joins by it', () => join(s, link));
		await test.step('the link works once', () => again(a, link));
		await test.step('the seller’s team is given who arrives', () => team(o, s, b));
		await test.step('the owner removes the seller', () => remove(o, s));
		await test.step('an admin says who runs the installation', () => people(a));
		await test.step('who reads from the right reads it from the right', () => fromTheRight(o));
	});
});

async function invite(o: Page): Promise<string> {
	await o.goto('/v/settings');
	await o.getByRole('link', { name: 'People' }).click();
	await o.waitForURL('**/v/team');
	await o.getByRole('textbox', { name: 'Name of the business' }).fill('Fresh & Co');
	await o.getByRole('button', { name: 'Save' }).click();
	await o.getByRole('button', { name: 'Invite somebody' }).click();
	const sheet = o.getByRole('dialog', { name: 'Invite somebody' });
	await inspect(o, 'team-invite');
	await sheet.getByRole('button', { name: 'Invite somebody' }).click();
	const link = await sheet.getByText(/\/join#/).textContent();
	await inspect(o, 'team-link');
	await sheet.getByRole('button', { name: 'Close' }).click();
	await expect(o.getByRole('heading', { name: 'Invited' })).toBeVisible();
	return link ?? '';
}

async function join(s: Page, link: string) {
	await s.goto(link);
	await expect(s.getByText('Journey invites you to Fresh & Co: Seller.')).toBeVisible();
	await inspect(s, 'join');
	await s.getByRole('link', { name: 'I have no account yet' }).click();
	await s.getByLabel('Your name').fill('Ravi');
	await s.getByLabel('Mobile number').fill(freshNumber());
	await s.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await s.getByRole('button', { name: 'Open stall' }).click();
	await s.waitForURL('**/v');
	await expect(s.getByRole('link', { name: 'Goods' })).toBeVisible();
	await expect(s.getByRole('link', { name: 'Money' })).toHaveCount(0);
	await s.goto('/v/team');
	await expect(s.getByText('Ravi · you')).toBeVisible();
	await expect(s.getByRole('button', { name: 'Invite somebody' })).toHaveCount(0);
	await inspect(s, 'team-seller');
}

async function again(a: Page, link: string) {
	await a.goto(link);
	await expect(a.getByText('This invitation is no longer open. Ask for another.')).toBeVisible();
}

async function team(o: Page, s: Page, b: Page) {
	await o.reload();
	await o.getByRole('textbox', { name: 'Name of the team' }).fill('Night shift');
	await o.getByRole('button', { name: 'Add a team' }).click();
	await o.getByRole('button', { name: 'Change team Night shift' }).click();
	const sheet = o.getByRole('dialog', { name: 'Night shift' });
	await sheet.getByRole('checkbox', { name: 'Ravi' }).check();
	await sheet.getByRole('checkbox', { name: /New buyers go to this team/ }).check();
	await inspect(o, 'team-crew');
	await sheet.getByRole('button', { name: 'Close' }).click();
	await expect(o.getByRole('list', { name: 'Teams' })).toContainText('Ravi');
	await expect(o.getByText('gave new buyers to a team')).toBeVisible();
	const { token } = (await (await o.request.get('/api/v1/stall/qr')).json()) as { token: string };
	const entered = await b.request.post('/api/v1/visits', { data: { token, language: 'en' } });
	expect(entered.ok()).toBe(true);
	await s.goto('/v');
	await s.getByRole('button', { name: 'My teams’ buyers' }).click();
	await expect(s.getByRole('link', { name: /^Buyer 1/ })).toBeVisible();
	await expect(s.getByLabel(/Given to, Buyer 1/)).toHaveValue(/.+/);
	await inspect(s, 'visits-of-team');
	await s.getByLabel(/Given to, Buyer 1/).selectOption({ label: 'Everybody' });
	await expect(s.getByText('No buyer is given to your teams now.')).toBeVisible();
	await s.getByRole('button', { name: 'All buyers' }).click();
	await expect(s.getByRole('link', { name: /^Buyer 1/ })).toBeVisible();
}

async function remove(o: Page, s: Page) {
	await o.goto('/v/team');
	await expect(o.getByText('Ravi').first()).toBeVisible();
	await inspect(o, 'team');
	await o.getByRole('button', { name: 'Remove Ravi' }).click();
	await o.getByRole('dialog', { name: 'Remove' }).getByRole('button', { name: 'Remove' }).click();
	await expect(o.getByText('removed somebody')).toBeVisible();
	await s.goto('/v/team');
	await s.waitForURL('**/v/sign-in*');
}

async function people(a: Page) {
	await operate(a, '/op/people');
	await expect(a.getByRole('row', { name: /Demo operator.*Admin/ })).toBeVisible();
	await a.getByRole('button', { name: 'Change role Demo operator' }).click();
	const sheet = a.getByRole('dialog', { name: 'Change role' });
	await sheet.getByLabel('Role').selectOption({ label: 'Support' });
	await sheet.getByLabel('Why?').fill('To see whether it can be');
	await inspect(a, 'operator-person');
	await sheet.getByRole('button', { name: 'Change role' }).click();
	await expect(sheet.getByText('Somebody must be admin. Make somebody else admin first.')).toBeVisible();
	await sheet.getByRole('button', { name: 'Close' }).click();
	await inspect(a, 'operator-people');
}

async function fromTheRight(o: Page) {
	const answer = await o.request.patch('/api/v1/me', { data: { language: 'ur' } });
	expect(answer.ok()).toBe(true);
	await o.reload();
	await expect(o.locator('html')).toHaveAttribute('dir', 'rtl');
	await expect(o.getByRole('heading', { name: words('ur')['team.title'] ?? '' })).toBeVisible();
	await inspect(o, 'team-ur');
}
