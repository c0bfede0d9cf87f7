import { expect, it } from 'vitest';
import { handleOf } from './handle.ts';

it('takes what has an @ for an address and all else for a number', () => {
	expect(handleOf(' meena@example.com ')).toEqual({ email: 'meena@example.com' });
	expect(handleOf('98765 43210')).toEqual({ phone: '98765 43210' });
});
