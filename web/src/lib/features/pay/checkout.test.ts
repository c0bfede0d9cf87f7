import { expect, test } from 'vitest';
import { canOpen } from './checkout.ts';

const way = (script_url: string) => ({ key_id: 'key', order_id: 'order', script_url });

test('a page over https opens no sheet whose script comes without', () => {
	expect(canOpen(way('http://127.0.0.1:9090/checkout.js'), 'https:')).toBe(false);
	expect(canOpen(way('https://checkout.example/checkout.js'), 'https:')).toBe(true);
	expect(canOpen(way('/checkout.js'), 'https:')).toBe(true);
	expect(canOpen(way('http://127.0.0.1:9090/checkout.js'), 'http:')).toBe(true);
});
