// What credit went on, day by day. Pure.
import type { Schemas } from '#lib/api/client.ts';

export type Measure = Schemas['Measure'];

/** In the order in which they are shown. */
export const MEASURES: readonly Measure[] = ['translation_characters', 'audio_ms', 'speech_characters', 'stored_byte_days'];

/** What one kind of work came to on a day. */
export interface Part {
	measure: Measure;
	/** Milliseconds, characters or bytes. */
	quantity: number;
	/** In paise. */
	charged: number;
}
export interface Day {
	/** `2026-11-26`, in India. */
	day: string;
	parts: readonly Part[];
	/** In paise. */
	charged: number;
}

/** One entry a day, the newest first, its kinds always in the same order. */
export function byDay(usage: readonly Schemas['UsageDay'][]): Day[] {
	const days = new Map<string, Part[]>();
	for (const { day, measure, quantity, charged } of usage) {
		days.set(day, [...(days.get(day) ?? []), { measure, quantity, charged: charged.minor }]);
	}
	const place = (part: Part) => MEASURES.indexOf(part.measure);
	return [...days]
		.map(([day, parts]) => ({
			day,
			parts: parts.sort((a, b) => place(a) - place(b)),
			charged: parts.reduce((total, part) => total + part.charged, 0)
		}))
		.sort((a, b) => b.day.localeCompare(a.day));
}

/** Bytes in megabytes, to a tenth; what is less than that to the kilobyte. */
export const megabytes = (bytes: number): number => {
	const places = bytes < 100_000 ? 1000 : 10;
	return Math.round((bytes / 1_000_000) * places) / places;
};

/** How long each part's bar is, in percent of the dearest day; none where a part did not come to a paisa. */
export function bars(day: Day, dearest: number): { measure: Measure; percent: number }[] {
	return day.parts
		.filter((part) => part.charged > 0 && dearest > 0)
		.map(({ measure, charged }) => ({ measure, percent: (charged / dearest) * 100 }));
}
