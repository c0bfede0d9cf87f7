import { expect, test } from 'vitest';
import { typed } from './keypad.ts';

const keys = (text: string, places = 2) => text.split(' ').reduce((shown, key) => typed(shown, key, places), '');

test('digits and one point make a number', () => {
	expect(keys('3 7 . 5')).toBe('37.5');
	expect(keys('. 5')).toBe('0.5');
	expect(keys('1 . 2 . 3')).toBe('1.23');
});

test('there are no more places than the number has', () => {
	expect(keys('1 . 2 3 4')).toBe('1.23');
	expect(keys('1 . 2 3 4 5', 3)).toBe('1.234');
	expect(keys('1 . 2', 0)).toBe('12');
});

test('a leading zero gives way', () => {
	expect(keys('0 0 5')).toBe('5');
});

test('numbers end at seven digits', () => {
	expect(keys('1 2 3 4 5 6 7 8 9')).toBe('1234567');
});

test('the last key can be taken back', () => {
	expect(keys('1 . 5 back back')).toBe('1');
	expect(typed('', 'back', 2)).toBe('');
	expect(typed('1', 'Enter', 2)).toBe('1');
});
