import { expect, test } from 'vitest';
import { Once } from './once.ts';

test('the same content keeps its id, however often it is sent', () => {
	const once = new Once();
	expect(once.idOf({ minor: 100, reason: 'a gift' })).toBe(once.idOf({ minor: 100, reason: 'a gift' }));
});

test('other content has another id', () => {
	const once = new Once();
	const first = once.idOf({ minor: 100 });
	expect(once.idOf({ minor: 200 })).not.toBe(first);
});
