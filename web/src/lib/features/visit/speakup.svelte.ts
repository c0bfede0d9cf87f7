// Whether what the other side says is spoken aloud as it comes. On by default: this is a talk, not a mailbox.

const STORED = 'speak-up';

class SpeakUp {
	on = $state(stored());

	toggle(): void {
		this.on = !this.on;
		try {
			localStorage.setItem(STORED, this.on ? 'yes' : 'no');
		} catch {
			// The choice then lasts as long as the page.
		}
	}
}

function stored(): boolean {
	try {
		return localStorage.getItem(STORED) !== 'no';
	} catch {
		return true;
	}
}

export const speakUp = new SpeakUp();
