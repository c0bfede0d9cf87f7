// How a person of a language can speak here: to the stall's recogniser, to the browser's, or not at all.
import type { Schemas } from '#lib/api/client.ts';
import { browserListens } from './listener.svelte.ts';
import { canRecord } from './recorder.svelte.ts';

export type Way = 'server' | 'browser' | 'none';

export function wayToSpeak(recognition: Schemas['Capability'] | undefined): Way {
	const served = recognition !== undefined && recognition.how !== 'off' && recognition.how !== 'browser';
	if (served && canRecord()) return 'server';
	return browserListens() ? 'browser' : 'none';
}
