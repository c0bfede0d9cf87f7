import { expect, test } from 'vitest';
import { regionNames } from './region.ts';

test('countries are named in the language of the reader', () => {
	expect(regionNames(['in', 'np'], 'en')).toBe('India and Nepal');
	expect(regionNames(['in'], 'hi')).toBe('भारत');
	expect(regionNames(['xq'], 'en')).toBe('XQ');
	expect(regionNames([], 'en')).toBe('');
});
