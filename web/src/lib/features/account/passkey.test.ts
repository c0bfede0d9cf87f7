import { afterEach, expect, test, vi } from 'vitest';
import { canUse } from './passkey.ts';

afterEach(() => vi.unstubAllGlobals());

test('passkeys are used on pages of their name, in browsers that know them', () => {
	expect(canUse('stall.example', 'stall.example'), 'no such browser').toBe(false);
	vi.stubGlobal('PublicKeyCredential', { parseRequestOptionsFromJSON: () => ({}) });
	expect(canUse('stall.example', 'stall.example')).toBe(true);
	expect(canUse('stall.example', 'm.stall.example')).toBe(true);
	expect(canUse('stall.example', 'evilstall.example')).toBe(false);
	expect(canUse('localhost', '192.0.2.7')).toBe(false);
	expect(canUse(undefined, 'localhost')).toBe(false);
});
