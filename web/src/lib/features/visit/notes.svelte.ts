// Notes that were read and put away: they are not shown on this phone again.

const STORED = 'read-notes';

class ReadNotes {
	#texts = $state.raw<readonly string[]>(stored());

	has = (text: string): boolean => this.#texts.includes(text);

	add(text: string): void {
		this.#texts = [...this.#texts, text];
		try {
			localStorage.setItem(STORED, JSON.stringify(this.#texts));
		} catch {
			// The note is then gone as long as the page lasts.
		}
	}
}

function stored(): string[] {
	try {
		const texts: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]');
		return Array.isArray(texts) ? texts.filter((text) => typeof text === 'string') : [];
	} catch {
		return [];
	}
}

export const readNotes = new ReadNotes();
