import { beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetInvitation, heldInvitation, invitationLink } from './invitation.ts';

const token = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO-_';

describe('an invitation', () => {
	beforeEach(() => {
		const kept = new Map<string, string>();
		vi.stubGlobal('sessionStorage', {
			getItem: (key: string) => kept.get(key) ?? null,
			setItem: (key: string, value: string) => void kept.set(key, value),
			removeItem: (key: string) => void kept.delete(key)
		});
	});

	it('is carried by the part of the link that servers do not see', () => {
		const link = new URL(invitationLink('https://stall.example', token));
		expect(link.pathname).toBe('/join');
		expect(heldInvitation(link.hash)).toBe(token);
	});

	it('is kept until it is used', () => {
		heldInvitation(`#${token}`);
		expect(heldInvitation('')).toBe(token);
		forgetInvitation();
		expect(heldInvitation('')).toBeUndefined();
	});

	it('is nothing else that stands behind the hash', () => {
		expect(heldInvitation('#main')).toBeUndefined();
	});
});
