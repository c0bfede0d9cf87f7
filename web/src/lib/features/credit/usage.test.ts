import { expect, test } from 'vitest';
import type { Schemas } from '#lib/api/client.ts';
import { bars, byDay, megabytes } from './usage.ts';

const used = (day: string, measure: Schemas['Measure'], charged: number): Schemas['UsageDay'] => ({
	day,
	measure,
	quantity: 10,
	charged: { minor: charged, currency: 'INR' }
});

test('a day is one entry with its kinds in their order, the newest day first', () => {
	const days = byDay([
		used('2026-11-24', 'speech_characters', 5),
		used('2026-11-26', 'speech_characters', 30),
		used('2026-11-26', 'translation_characters', 70)
	]);
	expect(days.map((d) => [d.day, d.charged])).toEqual([
		['2026-11-26', 100],
		['2026-11-24', 5]
	]);
	expect(days[0]?.parts.map((p) => p.measure)).toEqual(['translation_characters', 'speech_characters']);
});

test('the dearest day is as long as the chart is wide', () => {
	const [dear, cheap] = byDay([
		used('2026-11-26', 'translation_characters', 75),
		used('2026-11-26', 'audio_ms', 25),
		used('2026-11-25', 'audio_ms', 10)
	]);
	expect(dear && bars(dear, 100)).toEqual([
		{ measure: 'translation_characters', percent: 75 },
		{ measure: 'audio_ms', percent: 25 }
	]);
	expect(cheap && bars(cheap, 100)).toEqual([{ measure: 'audio_ms', percent: 10 }]);
});

test('what did not come to a paisa has no bar', () => {
	const [day] = byDay([used('2026-11-26', 'audio_ms', 0)]);
	expect(day && bars(day, 0)).toEqual([]);
});

test('bytes are megabytes to a tenth, and a few kilobytes are not nothing', () => {
	expect([12_345_678, 1_000_000, 120_000, 41_000, 400].map(megabytes)).toEqual([12.3, 1, 0.1, 0.041, 0]);
});
