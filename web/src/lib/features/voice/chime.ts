// Sounds that say something happened, made on the spot: two notes for a new buyer, three rising ones for money.

let context: AudioContext | undefined;

/** Lets sounds out later without a tap. For a click handler. */
export function unlockChime(): void {
	context ??= new AudioContext();
	void context.resume();
}

type Tune = readonly { hz: number; at: number; length: number }[];

const ARRIVAL: Tune = [
	{ hz: 660, at: 0, length: 0.22 },
	{ hz: 880, at: 0.2, length: 0.4 }
];
const PAID: Tune = [
	{ hz: 523, at: 0, length: 0.18 },
	{ hz: 659, at: 0.14, length: 0.18 },
	{ hz: 784, at: 0.28, length: 0.5 }
];

function ring(tune: Tune): void {
	if (context?.state !== 'running') return;
	for (const { hz, at, length } of tune) {
		const start = context.currentTime + at;
		const [oscillator, gain] = [context.createOscillator(), context.createGain()];
		oscillator.type = 'triangle';
		oscillator.frequency.value = hz;
		gain.gain.setValueAtTime(0, start);
		gain.gain.linearRampToValueAtTime(0.3, start + 0.02);
		gain.gain.exponentialRampToValueAtTime(0.001, start + length);
		oscillator.connect(gain).connect(context.destination);
		oscillator.start(start);
		oscillator.stop(start + length);
	}
}

export function chimeArrival(): void {
	ring(ARRIVAL);
	navigator.vibrate?.([180, 90, 180]);
}

export function chimePaid(): void {
	ring(PAID);
	navigator.vibrate?.([60, 60, 60, 60, 240]);
}
