// When a stall's code is fetched anew: a page that stays open shows none that has run out.

const LEAST_MS = 60_000;
/** Browsers count a timer's wait in 31 bits. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Milliseconds until then: half of what is left of it. */
export function freshIn(expires_at: string, now: number): number {
	const left = new Date(expires_at).getTime() - now;
	return Math.min(Math.max(left / 2, LEAST_MS), TIMER_MS_MAX);
}
