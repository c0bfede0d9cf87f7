// Whether recordings of this phone are kept for seven days after they were heard; by default they are not.

const STORED = 'keep-voice';

class KeepsVoice {
	on = $state(stored());

	set(on: boolean): void {
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
