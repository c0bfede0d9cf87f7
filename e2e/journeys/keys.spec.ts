// A shop connects a program: a key is made and shown once, works within its scopes, signs for money, and is ended.
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { expect, request, test, type Page } from '@playwright/test';
import config from '../playwright.config.ts';
import { inspect, phone, withPhones } from '../phone.ts';
import { openStall, PASSWORD } from '../stall.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');

test('a program works with a key until it is ended', async () => {
	const own = await phone();
	const o = own.page;
	await withPhones([own], async () => {
		await openStall(o);
		const token = await test.step('a key is made', () => make(o));
		await test.step('it works within its scopes, and signs for money', () => use(o, token));
		await test.step('it is ended', () => end(o, token));
	});
});

test('a program is signed in as a person, goes on by exchanging tokens, and is ended among the devices', async () => {
	const own = await phone();
	const o = own.page;
	await withPhones([own], async () => {
		const stall = await openStall(o);
		const program = await request.newContext({ baseURL: config.use?.baseURL ?? '' });
		const post = async (path: string, data: unknown): Promise<Record<string, string>> => {
			const answer = await program.post(`/api/v1${path}`, { data });
			expect(answer.status(), path).toBe(201);
			return (await answer.json()) as Record<string, string>;
		};
		const first = await post('/tokens', { phone: stall.phone, password: PASSWORD, name: 'Stock counter' });
		const next = await post('/tokens/exchanges', { refresh_token: first.refresh_token });
		const token = next.access_token ?? '';
		expect(await call(token, '/api/v1/products')).toBe(200);
		await o.goto('/v/account');
		const line = o.getByRole('list', { name: 'Where you are signed in' }).getByRole('listitem').filter({ hasText: 'Stock counter' });
		await expect(line).toContainText('app');
		await inspect(o, 'account-app');
		await line.getByRole('button', { name: 'Sign out' }).click();
		await expect(line).toHaveCount(0);
		expect(await call(token, '/api/v1/products'), 'ended at once').toBe(401);
		await program.dispose();
	});
});

async function make(o: Page): Promise<string> {
	await o.goto('/v/team');
	await o.getByRole('link', { name: 'Keys for programs' }).click();
	await o.getByRole('button', { name: 'Make a key' }).click();
	const sheet = o.getByRole('dialog', { name: 'Make a key' });
	await sheet.getByLabel('What it is for').fill('Till');
	await sheet.getByText('Give back and spend money (signed)').click();
	// The last 32 bytes of the envelope are the key.
	await sheet.getByLabel('Public key for signatures').fill(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64'));
	await inspect(o, 'keys-make');
	await sheet.getByRole('button', { name: 'Make a key' }).click();
	const token = await sheet.getByText(/^vyk_/).textContent();
	await sheet.getByRole('button', { name: 'Close' }).click();
	await expect(o.getByRole('listitem').filter({ hasText: 'Till' })).toBeVisible();
	await inspect(o, 'keys');
	return token ?? '';
}

/** What the program calls, with its key alone; signed where it says so. */
async function call(token: string, path: string, key?: string): Promise<number> {
	const program = await request.newContext({ baseURL: config.use?.baseURL ?? '' });
	const body = '{}';
	const headers: Record<string, string> = { authorization: `Bearer ${token}` };
	if (key) {
		const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
		const said = `("@method" "@path" "@query" "content-digest");created=${Math.floor(Date.now() / 1000)};nonce="${randomUUID()}";keyid="${key}"`;
		const text = `"@method": POST\n"@path": ${path}\n"@query": ?\n"content-digest": ${digest}\n"@signature-params": ${said}`;
		const signature = sign(null, Buffer.from(text), privateKey).toString('base64');
		Object.assign(headers, { 'content-digest': digest, 'signature-input': `s=${said}`, signature: `s=:${signature}:`, 'content-type': 'application/json' });
	}
	const answer = key ? await program.post(path, { headers, data: Buffer.from(body) }) : await program.get(path, { headers });
	await program.dispose();
	return answer.status();
}

async function use(o: Page, token: string) {
	const { items } = (await (await o.request.get('/api/v1/api-keys')).json()) as { items: { id: string }[] };
	expect(await call(token, '/api/v1/products')).toBe(200);
	expect(await call(token, '/api/v1/payouts'), 'another scope').toBe(403);
	expect(await call(token, '/api/v1/me/acts'), 'a key is nobody').toBe(403);
	// Signed it gets as far as the body, which says nothing.
	expect(await call(token, '/api/v1/credit/top-ups', items[0]?.id)).toBe(422);
}

async function end(o: Page, token: string) {
	await o.getByRole('button', { name: 'End this key' }).click();
	await o.getByRole('dialog', { name: 'End this key' }).getByRole('button', { name: 'End this key' }).click();
	await expect(o.getByText('Nothing here.')).toBeVisible();
	expect(await call(token, '/api/v1/products')).toBe(401);
}
