import { expect, test } from 'vitest';
import { stallPath } from './token.ts';

const HERE = 'https://stall.example';
const TOKEN = 'AZ0_-abcdefghijklmnop';

test('a link of this site and a bare token lead to the stall', () => {
	expect(stallPath(`${HERE}/s/${TOKEN}`, HERE)).toBe(`/s/${TOKEN}`);
	expect(stallPath(`  ${TOKEN}\n`, HERE)).toBe(`/s/${TOKEN}`);
});

test('a link of another site is not followed', () => {
	expect(stallPath(`https://stall.example.evil.test/s/${TOKEN}`, HERE)).toBeUndefined();
	expect(stallPath(`http://stall.example/s/${TOKEN}`, HERE)).toBeUndefined();
	expect(stallPath(`javascript:alert(1)//s/${TOKEN}`, HERE)).toBeUndefined();
});

test('other codes and texts lead nowhere', () => {
	for (const text of ['', 'upi://pay?pa=a@b', `${HERE}/v`, `${HERE}/s/`, `${HERE}/s/a/b`, 'tomato 40']) {
		expect(stallPath(text, HERE), text).toBeUndefined();
	}
});
