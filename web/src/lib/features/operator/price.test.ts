import { expect, test } from 'vitest';
import type { Schemas } from '#lib/api/client.ts';
import { standingOf } from './price.ts';

const version = (id: string, effective_from: string, measure: Schemas['Measure'] = 'translation_characters') =>
	({ id, provider: 'bhashini', measure, effective_from }) as Schemas['WorkPrice'];
const NOW = Date.parse('2026-11-26T12:00:00Z');

test('of the versions that have begun the last is in force', () => {
	const [first, second, third] = [
		version('1', '2026-11-01T00:00:00Z'),
		version('2', '2026-11-20T00:00:00Z'),
		version('3', '2026-12-01T00:00:00Z')
	];
	const all = [third, second, first];
	expect(all.map((p) => standingOf(p, all, NOW))).toEqual(['planned', 'current', 'replaced']);
});

test('each kind of work has its own price', () => {
	const all = [version('2', '2026-11-20T00:00:00Z', 'audio_ms'), version('1', '2026-11-01T00:00:00Z')];
	expect(all.map((p) => standingOf(p, all, NOW))).toEqual(['current', 'current']);
});

test('a model has its own price beside that of its provider', () => {
	const all = [{ ...version('2', '2026-11-20T00:00:00Z'), model: 'whisper' }, version('1', '2026-11-01T00:00:00Z')];
	expect(all.map((p) => standingOf(p, all, NOW))).toEqual(['current', 'current']);
});

test('of two that begin at the same moment the later made is in force', () => {
	const all = [version('2', '2026-11-20T00:00:00Z'), version('1', '2026-11-20T00:00:00Z')];
	expect(all.map((p) => standingOf(p, all, NOW))).toEqual(['current', 'replaced']);
});
