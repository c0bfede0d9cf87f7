import { expect, test } from 'vitest';
import { tableType } from './table.ts';

test('an archive is known by its name, and all else is a table', () => {
	expect(tableType({ name: 'settlement-2026-11.zip' })).toBe('application/zip');
	expect(tableType({ name: 'BANK.ZIP' })).toBe('application/zip');
	expect(tableType({ name: 'bank.csv' })).toBe('text/csv');
	expect(tableType({ name: 'zip' })).toBe('text/csv');
});
