// How a person of a language can speak here: to the stall's recogniser, to the browser's, or not at all.
import type { Schemas } from '#lib/api/client.ts';
import { canRecord } from './recorder.svelte.ts';

/** What the app uses of a browser's own recogniser. */
export interface Recognition {
	lang: string;
	interimResults: boolean;
	maxAlternatives: number;
	onresult: ((event: { results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }> }) => void) | null;
	onerror: ((event: { error: string }) => void) | null;
	onend: (() => void) | null;
	start(): void;
	stop(): void;
	abort(): void;
}
type Maker = new () => Recognition;

export function recogniserOfBrowser(): Maker | undefined {
	const scope = globalThis as { SpeechRecognition?: Maker; webkitSpeechRecognition?: Maker };
	return scope.SpeechRecognition ?? scope.webkitSpeechRecognition;
}

export type Way = 'server' | 'browser' | 'none';

/** Whether the stall's server hears the language, itself or through its provider. */
export const isHeard = (recognition: Schemas['Capability'] | undefined): boolean =>
	recognition !== undefined && recognition.how !== 'off' && recognition.how !== 'browser';

/** The browser's recogniser tells its maker what is said: it stands in only for a server that does not hear the language. */
export function wayToSpeak(recognition: Schemas['Capability'] | undefined): Way {
	if (isHeard(recognition)) return canRecord() ? 'server' : 'none';
	// Switched off: what is said may go to nobody, not to the browser's maker either.
	return recognition?.how !== 'off' && recogniserOfBrowser() ? 'browser' : 'none';
}
