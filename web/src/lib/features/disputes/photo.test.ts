import { expect, test } from 'vitest';
import { fitted } from './photo.ts';

test('a large picture is made smaller and keeps its shape', () => {
	expect(fitted(4000, 3000)).toEqual([1600, 1200]);
	expect(fitted(3000, 6000)).toEqual([800, 1600]);
	expect(fitted(640, 480)).toEqual([640, 480]);
	expect(fitted(16_000, 1)).toEqual([1600, 1]);
});
