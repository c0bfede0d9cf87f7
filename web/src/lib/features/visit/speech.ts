// Where the sound of messages and read-backs comes from.
import { apiOf, take, type Side } from '#lib/api/client.ts';
import { i18n } from '#lib/i18n/i18n.svelte.ts';
import type { Sound } from '#lib/features/voice/player.svelte.ts';

interface Place {
	id: string;
	side: Side;
}

export function messageSpeech({ id, side }: Place, message: string): Sound {
	return {
		id: `message ${message} ${i18n.language}`,
		fetch: () => {
			const params = { path: { id, message } };
			return take(apiOf(side).GET('/visits/{id}/messages/{message}/speech', { params, parseAs: 'blob' }));
		}
	};
}

export function messageRecording({ id, side }: Place, message: string): Sound {
	return {
		id: `recording ${message}`,
		fetch: () => {
			const params = { path: { id, message } };
			return take(apiOf(side).GET('/visits/{id}/messages/{message}/recording', { params, parseAs: 'blob' }));
		}
	};
}

export function readBackSpeech({ id, side }: Place, readBack: string): Sound {
	return {
		id: `read-back ${readBack}`,
		fetch: () => {
			const params = { path: { id, read_back: readBack } };
			return take(apiOf(side).GET('/visits/{id}/read-backs/{read_back}/speech', { params, parseAs: 'blob' }));
		}
	};
}
