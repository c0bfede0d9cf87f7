import 'fake-indexeddb/auto';
import { beforeEach, expect, test, vi } from 'vitest';
import { ITEMS_MAX, Outbox, type Courier, type Item, type Outcome } from './outbox.ts';
import { Fleeting, openStore } from './store.ts';

class Road implements Courier {
	tried: string[] = [];
	done: string[] = [];
	shown: readonly Item[] = [];
	answers: Outcome[] = [];
	timers: { ms: number; run: () => void }[] = [];
	always: Outcome = { sent: { kind: 'offer', offer: {} as never } };

	async send(item: Item) {
		this.tried.push(item.id);
		return this.answers.shift() ?? this.always;
	}
	later(ms: number, run: () => void) {
		const timer = { ms, run };
		this.timers.push(timer);
		return () => {
			this.timers = this.timers.filter((t) => t !== timer);
		};
	}
	changed(items: readonly Item[]) {
		this.shown = items;
	}
	sent(item: Item) {
		this.done.push(item.id);
	}
}

const message = (id: string, at = 0): Item => ({
	id,
	visit: 'v',
	side: 'buyer',
	at,
	state: 'queued',
	kind: 'message',
	text: 'five kilos',
	via: 'typed'
});

let road: Road;
let store: Fleeting;
let outbox: Outbox;
beforeEach(() => {
	[road, store] = [new Road(), new Fleeting()];
	outbox = new Outbox(store, road);
});
const idle = () => new Promise((resolve) => setTimeout(resolve, 0));

test('an item is stored before it is sent and gone once the server has it', async () => {
	let storedAtSending = 0;
	road.send = async (item) => {
		storedAtSending = (await store.items()).length;
		road.tried.push(item.id);
		return road.always;
	};
	await outbox.add(message('a'));
	await idle();
	expect(storedAtSending).toBe(1);
	expect(road.done).toEqual(['a']);
	expect(await store.items()).toEqual([]);
});

test('without a network nothing is lost and the order is kept', async () => {
	road.answers = [{ wait: true }];
	await outbox.add(message('a', 1));
	await idle();
	await outbox.add(message('b', 2));
	await idle();
	road.timers.at(-1)?.run();
	await idle();
	expect(road.done).toEqual(['a', 'b']);
});

test('waits grow, and a wait that the server asks for is kept', async () => {
	road.always = { wait: true };
	await outbox.add(message('a'));
	await idle();
	for (let i = 0; i < 6; i += 1) {
		road.timers.at(-1)?.run();
		await idle();
	}
	expect(road.timers.map((t) => t.ms).at(-1)).toBe(30_000);
	road.always = { wait: true, afterMs: 90_000 };
	road.timers.at(-1)?.run();
	await idle();
	expect(road.timers.at(-1)?.ms).toBe(90_000);
});

test('a refused item says why, does not hold up the next, and can be tried again', async () => {
	road.answers = [{ refused: 'invalid-field' }];
	await outbox.add(message('a', 1));
	await outbox.add(message('b', 2));
	await idle();
	expect(road.done).toEqual(['b']);
	expect(road.shown).toMatchObject([{ id: 'a', state: 'failed', problem: 'invalid-field' }]);
	await outbox.retry('a');
	expect(road.done).toEqual(['b', 'a']);
});

test('a reload takes up what was under way under the same client id', async () => {
	await store.putItem({ ...message('b', 2), state: 'sending' });
	await store.putItem(message('a', 1));
	await outbox.resume();
	expect(road.done).toEqual(['a', 'b']);
});

test('what is under way cannot be deleted, what waits can', async () => {
	let finish: (outcome: Outcome) => void = () => {};
	road.send = () => new Promise((resolve) => (finish = resolve));
	await outbox.add(message('a', 1));
	await outbox.add(message('b', 2));
	await idle();
	await outbox.remove('a');
	await outbox.remove('b');
	expect(road.shown.map((i) => i.id)).toEqual(['a']);
	finish({ wait: true });
	await idle();
	expect(road.shown).toMatchObject([{ id: 'a', state: 'queued' }]);
});

test('two flushes at once send an item once', async () => {
	road.answers = [{ wait: true }];
	await outbox.add(message('a'));
	await idle();
	road.tried = [];
	await Promise.all([outbox.flush(), outbox.flush(), outbox.flush()]);
	expect(road.tried).toEqual(['a']);
});

test('a full outbox takes no more', async () => {
	road.always = { wait: true };
	for (let i = 0; i < ITEMS_MAX; i += 1) await outbox.add(message(`m${i}`, i));
	expect(await outbox.add(message('one too many', 1000))).toBe(false);
});

test('a recording that was sent leaves no sound behind, one that failed keeps it', async () => {
	const kept = await openStore();
	const recording = (id: string): Item => ({
		...message(id),
		...{ kind: 'recording', type: 'audio/webm', ms: 2000, expecting: 'anything' }
	});
	for (const id of ['good', 'bad']) {
		await kept.putTake({ id, visit: 'v', side: 'buyer', type: 'audio/webm', startedAt: 0, ms: 0 });
		await kept.addChunk({ recording: id, n: 1, data: new Blob(['second']) });
		await kept.addChunk({ recording: id, n: 0, data: new Blob(['first']) });
	}
	const box = new Outbox(kept, road);
	road.answers = [{ sent: { kind: 'message', message: {} as never } }, { refused: 'too-large' }];
	await box.add(recording('good'));
	await box.add(recording('bad'));
	await vi.waitFor(() => expect(road.shown).toMatchObject([{ id: 'bad', state: 'failed' }]));
	await vi.waitFor(async () => expect((await kept.takes()).map((t) => t.id)).toEqual(['bad']));
	expect(await kept.sound('good', 'audio/webm')).toBeUndefined();
	expect((await kept.items()).map((i) => i.id)).toEqual(['bad']);
});

test('the sound of a recording is its chunks in order', async () => {
	await store.addChunk({ recording: 'r', n: 1, data: new Blob(['b']) });
	await store.addChunk({ recording: 'r', n: 0, data: new Blob(['a']) });
	expect(await (await store.sound('r', 'audio/webm'))?.text()).toBe('ab');
});
