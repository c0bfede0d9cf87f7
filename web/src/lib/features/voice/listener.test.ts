import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Listener } from './listener.svelte.ts';
import type { Recognition } from './way.ts';

let recognition: Recognition;
const heard = vi.fn();
const hears = (...texts: string[]) =>
	recognition.onresult?.({ results: texts.map((transcript) => Object.assign([{ transcript }], { isFinal: true })) });

beforeEach(() => {
	heard.mockClear();
	vi.stubGlobal(
		'SpeechRecognition',
		class {
			start = vi.fn();
			stop = vi.fn(() => recognition.onend?.());
			abort = vi.fn(() => {
				recognition.onerror?.({ error: 'aborted' });
				recognition.onend?.();
			});
			constructor() {
				recognition = this as unknown as Recognition;
			}
		}
	);
});
afterEach(() => void vi.unstubAllGlobals());

test('what is heard by the end of the utterance counts, once', () => {
	const listener = new Listener();
	listener.start('ta', heard);
	expect([listener.listening, recognition.lang]).toEqual([true, 'ta-IN']);
	hears('five kilos', ' for 150');
	expect([listener.text, heard.mock.calls.length]).toEqual(['five kilos for 150', 0]);
	listener.stop();
	expect(heard).toHaveBeenCalledExactlyOnceWith('five kilos for 150');
	expect(listener.listening).toBe(false);
});

test('an utterance that is taken back does not count and is no failure', () => {
	const listener = new Listener();
	listener.start('hi', heard);
	hears('150');
	listener.cancel();
	expect(heard).not.toHaveBeenCalled();
	expect(listener.failed).toBe(false);
});

test('a recogniser that fails says so, and can be tried again', () => {
	const listener = new Listener();
	listener.start('hi', heard);
	recognition.onerror?.({ error: 'network' });
	recognition.onend?.();
	expect([listener.failed, listener.listening, heard.mock.calls.length]).toEqual([true, false, 0]);
	listener.start('hi', heard);
	expect([listener.failed, listener.listening]).toEqual([false, true]);
});

test('a browser without a recogniser listens to nothing', () => {
	vi.stubGlobal('SpeechRecognition', undefined);
	const listener = new Listener();
	listener.start('hi', heard);
	expect(listener.listening).toBe(false);
});
