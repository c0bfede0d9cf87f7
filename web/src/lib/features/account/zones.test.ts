import { expect, it } from 'vitest';
import { zonesWith } from './zones.ts';

it('offers what is chosen, whatever the browser calls it', () => {
	expect(zonesWith('Asia/Kolkata', ['Asia/Calcutta', 'Europe/London'])).toEqual(['Asia/Kolkata', 'Asia/Calcutta', 'Europe/London']);
	expect(zonesWith('Europe/London', ['Asia/Calcutta', 'Europe/London'])).toEqual(['Asia/Calcutta', 'Europe/London']);
});
