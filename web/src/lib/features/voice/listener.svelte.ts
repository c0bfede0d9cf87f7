// The browser's own recogniser, for languages that the stall's cannot serve. What it hears goes through its maker's servers: the
// screen says so before it is used.
import type { Language } from '#lib/i18n/languages.ts';
import { recogniserOfBrowser, type Recognition } from './way.ts';

export class Listener {
	listening = $state(false);
	/** What has been heard so far. */
	text = $state('');
	failed = $state(false);
	#recognition: Recognition | undefined;

	/** Listens to one utterance; calls `heard` with its text. */
	start(language: Language, heard: (text: string) => void): void {
		const Recogniser = recogniserOfBrowser();
		if (!Recogniser || this.listening) return;
		const recognition = new Recogniser();
		recognition.lang = `${language}-IN`;
		recognition.interimResults = true;
		recognition.maxAlternatives = 1;
		[this.text, this.failed, this.listening] = ['', false, true];
		recognition.onresult = ({ results }) => {
			this.text = Array.from(results, (result) => result[0]?.transcript ?? '')
				.join('')
				.trim();
		};
		recognition.onerror = ({ error }) => (this.failed = error !== 'aborted');
		recognition.onend = () => {
			this.listening = false;
			if (!this.failed && this.text) heard(this.text);
		};
		this.#recognition = recognition;
		recognition.start();
	}

	/** Ends the utterance; what was heard counts. */
	stop(): void {
		this.#recognition?.stop();
	}

	/** Ends the utterance; what was heard does not count. */
	cancel(): void {
		this.text = '';
		this.#recognition?.abort();
	}
}
