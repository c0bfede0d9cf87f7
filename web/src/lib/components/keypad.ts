// What the keypad's display shows after a key.

const WHOLE_DIGITS_MAX = 7;

/** `display` after `key` (a digit, `.` or `back`). A key that would make no number changes nothing. */
export function typed(display: string, key: string, places: number): string {
	if (key === 'back') return display.slice(0, -1);
	if (key === '.') {
		if (places === 0 || display.includes('.')) return display;
		return display === '' ? '0.' : `${display}.`;
	}
	if (!/^\d$/.test(key)) return display;
	const [whole = '', fraction] = display.split('.');
	if (fraction !== undefined) return fraction.length >= places ? display : display + key;
	if (whole === '0') return key;
	return whole.length >= WHOLE_DIGITS_MAX ? display : display + key;
}
