import { expect, test } from 'vitest';
import { Reader } from './reader.ts';

/** Answers that come when they are told to. */
function slow() {
	const asked: ((value: string) => void)[] = [];
	const got: string[] = [];
	const reader = new Reader<string>(
		() => new Promise((resolve) => asked.push(resolve)),
		(value) => got.push(value)
	);
	return { asked, got, reader };
}

test('what was read before news came is read again', async () => {
	const { asked, got, reader } = slow();
	const done = reader.run();
	reader.news();
	asked[0]?.('preparing');
	await expect.poll(() => asked.length).toBe(2);
	expect(got).toEqual([]);
	asked[1]?.('waiting');
	await done;
	expect(got).toEqual(['waiting']);
});

test('whoever asks while it is read gets what is read after that, and one read is made for all', async () => {
	const { asked, got, reader } = slow();
	const all = [reader.run(), reader.run(), reader.run()];
	asked[0]?.('old');
	await expect.poll(() => asked.length).toBe(2);
	asked[1]?.('new');
	await Promise.all(all);
	expect([asked.length, got]).toEqual([2, ['new']]);
});

test('news while nothing is read ask for nothing, and a read that failed can be made again', async () => {
	let fails = true;
	const got: string[] = [];
	const reader = new Reader(
		async () => {
			if (fails) throw new Error('away');
			return 'there';
		},
		(value) => got.push(value)
	);
	reader.news();
	expect(got).toEqual([]);
	await expect(reader.run()).rejects.toThrow('away');
	fails = false;
	await reader.run();
	expect(got).toEqual(['there']);
});
