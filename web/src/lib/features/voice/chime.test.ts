import { afterEach, expect, test, vi } from 'vitest';
import { chimeArrival, chimePaid, unlockChime } from './chime.ts';

const started: number[] = [];

class Context {
	state = 'running';
	currentTime = 0;
	destination = {};
	resume = () => Promise.resolve();
	createGain = () => ({
		gain: { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} },
		connect: (to: unknown) => to
	});
	createOscillator() {
		const frequency = { value: 0 };
		return { type: '', frequency, connect: (to: unknown) => to, start: () => started.push(frequency.value), stop() {} };
	}
}

afterEach(() => void vi.unstubAllGlobals());

test('a buyer and money sound and shake differently, and shake where no sound is allowed yet', () => {
	const vibrate = vi.fn();
	vi.stubGlobal('navigator', { vibrate });
	chimeArrival();
	expect(started).toEqual([]);
	expect(vibrate).toHaveBeenCalledOnce();
	vi.stubGlobal('AudioContext', Context);
	unlockChime();
	chimeArrival();
	expect(started).toEqual([660, 880]);
	chimePaid();
	expect(started).toEqual([660, 880, 523, 659, 784]);
	expect(vibrate.mock.calls[2]).not.toEqual(vibrate.mock.calls[1]);
});
