import { beforeEach, describe, expect, it, test, vi } from 'vitest';
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

describe('an id that is kept', () => {
	const kept = { key: 'entry', msMax: 1000 };
	const content = { token: 'a', language: 'ta' };
	let there: Map<string, string>;
	beforeEach(() => {
		there = new Map();
		vi.stubGlobal('sessionStorage', {
			getItem: (key: string) => there.get(key) ?? null,
			setItem: (key: string, value: string) => void there.set(key, value),
			removeItem: (key: string) => void there.delete(key)
		});
	});

	it('is the same after the page was loaded again, and another for other content', () => {
		const first = new Once(kept).idOf(content, 0);
		expect(new Once(kept).idOf(content, 999)).toBe(first);
		expect(new Once(kept).idOf({ ...content, language: 'hi' }, 999)).not.toBe(first);
	});

	it('is given up when it is old, counted from the first time, on the same page too', () => {
		const once = new Once(kept);
		const first = once.idOf(content, 0);
		expect(once.idOf(content, 600)).toBe(first);
		expect(new Once(kept).idOf(content, 1000)).not.toBe(first);
		expect(once.idOf(content, 1000)).not.toBe(first);
	});

	it('is over when the answer has come', () => {
		const once = new Once(kept);
		const first = once.idOf(content, 0);
		once.done();
		expect(there.size).toBe(0);
		expect(once.idOf(content, 1)).not.toBe(first);
	});

	it('makes do with what is no entry, and with a browser that keeps nothing', () => {
		there.set('entry', '{"content":7');
		expect(new Once(kept).idOf(content, 0)).toMatch(/^[0-9a-f-]{36}$/);
		vi.stubGlobal('sessionStorage', undefined);
		const once = new Once(kept);
		expect(once.idOf(content, 0)).toBe(once.idOf(content, 1));
		once.done();
	});
});
