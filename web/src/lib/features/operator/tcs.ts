// The month that it is in India, as the server names it, and amounts as the state takes them. Pure.
const AHEAD_MS = 5.5 * 3_600_000;

export const monthInIndia = (now: Date): string => new Date(now.getTime() + AHEAD_MS).toISOString().slice(0, 7);

/** Paise rounded to the rupee, as challans are; at least one. */
export const rounded = (minor: number): number => Math.max(1, Math.round(minor / 100)) * 100;
