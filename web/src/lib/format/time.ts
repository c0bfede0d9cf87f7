// Times as the reader's language writes them, in Latin digits.

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = `${language} ${name}`;
	let made = formats.get(key);
	if (!made) formats.set(key, (made = new Intl.DateTimeFormat(`${language}-IN-u-nu-latn`, options)));
	return made;
}

export const clockTime = (iso: string, language: string): string =>
	format(language, 'clock', { hour: 'numeric', minute: '2-digit' }).format(new Date(iso));

export const day = (iso: string, language: string): string =>
	format(language, 'day', { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(iso));

export const dayAndTime = (iso: string, language: string): string =>
	format(language, 'both', { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }).format(
		new Date(iso)
	);

/** A day of the calendar (`2026-11-26`), the same wherever the reader is. */
export const calendarDay = (date: string, language: string): string =>
	format(language, 'calendar', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
		new Date(`${date}T00:00:00Z`)
	);

/** The month of a day of the calendar. */
export const monthOf = (date: string, language: string): string =>
	format(language, 'month', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));

/** The time alone for today, day and time before that. */
export function moment(iso: string, language: string, now: Date): string {
	const sameDay = new Date(iso).toDateString() === now.toDateString();
	return sameDay ? clockTime(iso, language) : dayAndTime(iso, language);
}

/** Whole minutes from `now` until `iso`, at least zero, rounded up: an offer with half a minute left has one. */
export const minutesUntil = (iso: string, now: number): number =>
	Math.max(0, Math.ceil((new Date(iso).getTime() - now) / 60_000));

/** Minutes left of something made at `since`: never more than it had, though this phone's clock is slow. */
export const minutesLeft = (since: string, until: string, now: number): number =>
	minutesUntil(until, Math.max(now, new Date(since).getTime()));

/** `75` seconds as `1:15`. */
export function stopwatch(ms: number): string {
	const seconds = Math.floor(ms / 1000);
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
