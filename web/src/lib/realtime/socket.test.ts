import { expect, test } from 'vitest';
import { LiveSocket, type Event, type Host, type Listener, type Status, type Wire } from './socket.ts';

class World implements Host {
	time = 0;
	tickets = 0;
	wires: FakeWire[] = [];
	refuseTickets = false;
	#timers: { at: number; run: () => void }[] = [];

	async ticket() {
		this.tickets += 1;
		if (this.refuseTickets) throw new Error('no network');
		return `ticket-${this.tickets}`;
	}
	open() {
		const wire = new FakeWire();
		this.wires.push(wire);
		return wire;
	}
	now() {
		return this.time;
	}
	later(ms: number, run: () => void) {
		const timer = { at: this.time + ms, run };
		this.#timers.push(timer);
		return () => {
			this.#timers = this.#timers.filter((t) => t !== timer);
		};
	}
	random() {
		return 0.5;
	}
	async pass(ms: number) {
		const end = this.time + ms;
		for (;;) {
			const due = this.#timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
			if (!due) break;
			this.#timers = this.#timers.filter((t) => t !== due);
			this.time = due.at;
			due.run();
			await settle();
		}
		this.time = end;
		await settle();
	}
	get wire() {
		const wire = this.wires.at(-1);
		if (!wire) throw new Error('nothing was opened');
		return wire;
	}
}

class FakeWire implements Wire {
	sent: Record<string, unknown>[] = [];
	closed = false;
	onopen: Wire['onopen'] = null;
	onmessage: Wire['onmessage'] = null;
	onclose: Wire['onclose'] = null;
	send(text: string) {
		this.sent.push(JSON.parse(text) as Record<string, unknown>);
	}
	close() {
		this.closed = true;
	}
	say(frame: object) {
		this.onmessage?.({ data: JSON.stringify(frame) });
	}
}

class Ear implements Listener {
	heard: Event[] = [];
	statuses: Status[] = [];
	reloads = 0;
	event(event: Event) {
		this.heard.push(event);
	}
	signal() {}
	status(status: Status) {
		this.statuses.push(status);
	}
	reload() {
		this.reloads += 1;
	}
}

const settle = async () => {
	for (let i = 0; i < 5; i += 1) await Promise.resolve();
};
const event = (seq: number) => ({ type: 'event', seq, event: { kind: 'message', data: seq } });
const numbers = (ear: Ear) => ear.heard.map((e) => e.data);

async function connected() {
	const [world, ear] = [new World(), new Ear()];
	const socket = new LiveSocket(world, ear);
	socket.start();
	await settle();
	world.wire.onopen?.();
	world.wire.say({ type: 'welcome', epoch: 'a', seq: 7, heartbeat_s: 20 });
	return { world, ear, socket };
}

test('the first hello asks for nothing old and the screen is loaded after the welcome', async () => {
	const { world, ear } = await connected();
	expect(world.wire.sent).toEqual([{ type: 'hello', ticket: 'ticket-1', epoch: null, after: null }]);
	expect(ear.reloads).toBe(1);
	expect(ear.statuses).toEqual(['connecting', 'open']);
});

test('a line that comes back asks for what follows the last number and loads nothing', async () => {
	const { world, ear } = await connected();
	world.wire.say(event(8));
	world.wire.onclose?.();
	await world.pass(1000);
	world.wire.onopen?.();
	expect(world.wire.sent).toEqual([{ type: 'hello', ticket: 'ticket-2', epoch: 'a', after: 8 }]);
	world.wire.say({ type: 'welcome', epoch: 'a', seq: 10 });
	world.wire.say(event(9));
	world.wire.say(event(10));
	expect(numbers(ear)).toEqual([8, 9, 10]);
	expect(ear.reloads).toBe(1);
});

test('a repeated event is taken once', async () => {
	const { world, ear } = await connected();
	world.wire.say(event(8));
	world.wire.say(event(8));
	world.wire.say(event(7));
	expect(numbers(ear)).toEqual([8]);
});

test('a hole in the numbers is not skipped over', async () => {
	const { world, ear } = await connected();
	const first = world.wire;
	first.say(event(8));
	first.say(event(10));
	expect(first.closed).toBe(true);
	await world.pass(1000);
	world.wire.onopen?.();
	expect(world.wire.sent[0]).toMatchObject({ after: 8 });
	world.wire.say({ type: 'welcome', epoch: 'a', seq: 10 });
	world.wire.say(event(9));
	world.wire.say(event(10));
	expect(numbers(ear)).toEqual([8, 9, 10]);
});

test('another epoch means that the screen is loaded anew', async () => {
	const { world, ear } = await connected();
	world.wire.onclose?.();
	await world.pass(1000);
	world.wire.onopen?.();
	world.wire.say({ type: 'welcome', epoch: 'b', seq: 2 });
	world.wire.say(event(3));
	expect(ear.reloads).toBe(2);
	expect(numbers(ear)).toEqual([3]);
});

test('after a resync the next hello asks for nothing old', async () => {
	const { world, ear } = await connected();
	world.wire.say({ type: 'resync' });
	await world.pass(1000);
	world.wire.onopen?.();
	expect(world.wire.sent[0]).toMatchObject({ epoch: null, after: null });
	world.wire.say({ type: 'welcome', epoch: 'a', seq: 90 });
	expect(ear.reloads).toBe(2);
});

test('a line that goes silent is given up, one that is pinged is kept', async () => {
	const { world } = await connected();
	const first = world.wire;
	for (let i = 0; i < 6; i += 1) {
		await world.pass(20_000);
		first.say({ type: 'ping' });
	}
	expect(first.closed).toBe(false);
	expect(first.sent.at(-1)).toEqual({ type: 'pong' });
	await world.pass(46_000);
	expect(first.closed).toBe(true);
});

test('waits grow up to half a minute and a wake-up ends them', async () => {
	const { world, socket } = await connected();
	world.refuseTickets = true;
	world.wire.onclose?.();
	await world.pass(10 * 60_000);
	const tried = world.tickets;
	expect(tried).toBeGreaterThan(20);
	expect(tried).toBeLessThan(50);
	world.refuseTickets = false;
	socket.wake();
	await settle();
	expect(world.wires).toHaveLength(2);
});

test('a stopped line stays stopped, also when the ticket comes late', async () => {
	const [world, ear] = [new World(), new Ear()];
	const socket = new LiveSocket(world, ear);
	socket.start();
	socket.stop();
	await settle();
	await world.pass(60_000);
	expect(world.wires).toHaveLength(0);
	expect(ear.statuses.at(-1)).toBe('stopped');
});

test('a frame that is no frame is passed over', async () => {
	const { world, ear } = await connected();
	world.wire.onmessage?.({ data: '{' });
	world.wire.onmessage?.({ data: new ArrayBuffer(4) });
	world.wire.say(event(8));
	expect(numbers(ear)).toEqual([8]);
});
