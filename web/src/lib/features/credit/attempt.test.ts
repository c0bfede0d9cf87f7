import { beforeEach, expect, test } from 'vitest';
import type { Schemas } from '#lib/api/client.ts';
import { Problem } from '#lib/api/problem.ts';
import { openTopUp, type Memory } from './attempt.ts';

const LOST = new Problem('offline', 0);
let memory: Memory;
let asked: Schemas['NewTopUp'][];

beforeEach(() => {
	const kept = new Map<string, string>();
	memory = {
		getItem: (key) => kept.get(key) ?? null,
		setItem: (key, value) => void kept.set(key, value),
		removeItem: (key) => void kept.delete(key)
	};
	asked = [];
});

/** A server that answers in this order: with a state of the top-up, or with what goes wrong. */
const server =
	(...answers: (Schemas['TopUpState'] | Problem)[]) =>
	async (body: Schemas['NewTopUp']): Promise<Schemas['TopUp']> => {
		asked.push(body);
		const answer = answers.shift() ?? 'waiting';
		if (answer instanceof Problem) throw answer;
		return { id: body.client_id, amount: body.amount, state: answer } as Schemas['TopUp'];
	};
const ids = () => asked.map((body) => body.client_id);

test('an answer that was lost is asked for again under the same id', async () => {
	const post = server(LOST);
	await expect(openTopUp(5000, memory, post)).rejects.toBe(LOST);
	await openTopUp(5000, memory, post);
	expect(asked).toHaveLength(2);
	expect(new Set(ids()).size).toBe(1);
});

test('the next top-up is another one', async () => {
	await openTopUp(5000, memory, server());
	await openTopUp(5000, memory, server());
	expect(new Set(ids()).size).toBe(2);
});

test('another amount is another top-up', async () => {
	await expect(openTopUp(5000, memory, server(LOST))).rejects.toBe(LOST);
	await openTopUp(10_000, memory, server());
	expect(new Set(ids()).size).toBe(2);
});

test('another way to pay is another top-up, and the same one is asked for again', async () => {
	await expect(openTopUp(5000, memory, server(LOST), { gateway: 'stripe' })).rejects.toBe(LOST);
	await openTopUp(5000, memory, server(LOST)).catch(() => {});
	await openTopUp(5000, memory, server());
	expect(ids()[1]).not.toBe(ids()[0]);
	expect(ids()[2]).toBe(ids()[1]);
	expect(asked.map((body) => body.gateway)).toEqual(['stripe', undefined, undefined]);
});

test('a refusal is an answer', async () => {
	const refused = new Problem('top-up-out-of-range', 422);
	await expect(openTopUp(5000, memory, server(refused))).rejects.toBe(refused);
	await openTopUp(5000, memory, server());
	expect(new Set(ids()).size).toBe(2);
});

test('one that was lost and is over by now gives way to another', async () => {
	await expect(openTopUp(5000, memory, server(LOST))).rejects.toBe(LOST);
	const opened = await openTopUp(5000, memory, server('expired'));
	expect(opened.state).toBe('waiting');
	expect(new Set(ids()).size).toBe(2);
	expect(ids()[0]).toBe(ids()[1]);
});
