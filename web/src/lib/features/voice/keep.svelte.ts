// Whether recordings of this phone are kept for some days after they were heard; by default they are not. The server has the last word: it
// keeps nothing that its speaker did not agree to.

const STORED = 'keeps-voice';

class KeepsVoice {
	on = $state(stored());

	/** Remembers on this phone what its user decided. */
	remember(on: boolean): void {
		this.on = on;
		try {
			localStorage.setItem(STORED, on ? 'yes' : 'no');
		} catch {
			// The choice then lasts as long as the page.
		}
	}
}

function stored(): boolean {
	try {
		return localStorage.getItem(STORED) === 'yes';
	} catch {
		return false;
	}
}

export const keepsVoice = new KeepsVoice();
