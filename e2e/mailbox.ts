// The mailbox of everybody: what the run's mail server was given, one file a letter.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { expect } from '@playwright/test';

export interface Mail {
	to: string[];
	subject: string;
	text: string;
}

const dir = () => `${process.env.VYAPAR_JOURNEY_DATA ?? ''}/letters`;

/** The letters to an address, oldest first. */
export function lettersTo(address: string): Mail[] {
	if (!existsSync(dir())) return [];
	const files = readdirSync(dir()).filter((name) => name.endsWith('.json'));
	const numbers = files.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
	const letters = numbers.map((number) => JSON.parse(readFileSync(`${dir()}/${number}.json`, 'utf8')) as Mail);
	return letters.filter(({ to }) => to.includes(address));
}

/** The newest letter to an address, once there are so many. */
export async function letter(address: string, count: number): Promise<Mail> {
	await expect.poll(() => lettersTo(address).length, { timeout: 15_000 }).toBe(count);
	return lettersTo(address)[count - 1] as Mail;
}

/** The link in a letter: path and what stands behind `#`. */
export function linkIn({ text }: Mail): string {
	const found = /^https?:\/\/\S+\/v\/link#[\w-]{43}$/m.exec(text)?.[0] ?? '';
	expect(found, text).not.toBe('');
	const url = new URL(found);
	return url.pathname + url.hash;
}
