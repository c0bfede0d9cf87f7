import { expect, test } from 'vitest';

const pages = import.meta.glob<string>('/src/**/*.svelte', { query: '?raw', import: 'default', eager: true });
const scripts = import.meta.glob<string>(['/src/**/*.ts', '!/src/**/*.test.ts'], { query: '?raw', import: 'default', eager: true });

test('what people say is text everywhere: markup is written for our own pictures alone', () => {
	expect(Object.keys(pages).length).toBeGreaterThan(100);
	const writing = Object.entries({ ...pages, ...scripts }).filter(([, text]) =>
		/\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(text)
	);
	expect(writing.map(([file]) => file)).toEqual(['/src/lib/components/Icon.svelte']);
});
