import { expect, test } from 'vitest';
import { afterSignIn } from './after.ts';

test('signing in leads back to the page that wanted it', () => {
	expect(afterSignIn('?to=%2Fv%2Forders')).toBe('/v/orders');
	expect(afterSignIn('?to=/op/jobs')).toBe('/op/jobs');
	expect(afterSignIn('?to=/b')).toBe('/b');
	expect(afterSignIn('')).toBe('/v');
});

test('signing in never leads out of the signed-in parts', () => {
	for (const to of ['//evil.test', 'https://evil.test/v', '/v/../..', '/vx', '/bx', '/v/sign-in', 'javascript:1', '/op?x=1']) {
		expect(afterSignIn(`?to=${encodeURIComponent(to)}`), to).toBe('/v');
	}
});
