import { afterEach, expect, test, vi } from 'vitest';
import { Recorder } from './recorder.svelte.ts';

function microphone(answer: () => Promise<MediaStream>) {
	const getUserMedia = vi.fn(answer);
	vi.stubGlobal('navigator', { mediaDevices: { getUserMedia } });
	return getUserMedia;
}

afterEach(() => void vi.unstubAllGlobals());

test('a refused microphone is not locked, and is asked for again', async () => {
	const asked = microphone(() => Promise.reject(new DOMException('no', 'NotAllowedError')));
	const recorder = new Recorder('buyer', 'visit');
	const first = recorder.start(() => {});
	recorder.lock();
	expect(recorder.locked).toBe(true);
	await first;
	expect([recorder.state, recorder.locked]).toEqual(['denied', false]);
	recorder.lock();
	expect(recorder.locked).toBe(false);
	await recorder.start(() => {});
	expect(asked).toHaveBeenCalledTimes(2);
});

test('without a microphone the recorder says so', async () => {
	microphone(() => Promise.reject(new DOMException('none', 'NotFoundError')));
	const recorder = new Recorder('buyer', 'visit');
	await recorder.start(() => {});
	expect(recorder.state).toBe('missing');
});

test('a locked recording that is taken back leaves nothing locked', async () => {
	microphone(() => new Promise(() => {}));
	const recorder = new Recorder('buyer', 'visit');
	void recorder.start(() => {});
	recorder.lock();
	await recorder.cancel();
	expect([recorder.state, recorder.locked]).toEqual(['idle', false]);
	void recorder.start(() => {});
	expect([recorder.active, recorder.locked]).toEqual([true, false]);
});
