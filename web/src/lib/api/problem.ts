// What went wrong with a call, as one kind of error for the whole app.
import type { components } from './schema.d.ts';
import type { Key } from '#lib/i18n/i18n.svelte.ts';

export type ProblemType = components['schemas']['ProblemType'];

/** A slug of the server's, or `offline` where it could not be reached. */
export type Slug = ProblemType | 'offline';

/** Every kind of problem the server knows has a sentence: a new one without does not compile. */
type Sentence = `problem.${Slug}` extends Key ? `problem.${Slug}` : never;

export class Problem extends Error {
	readonly slug: Slug;
	readonly status: number;
	readonly field: string | undefined;
	readonly retryAfterMs: number | undefined;
	readonly members: Readonly<Record<string, unknown>>;

	constructor(slug: Slug, status: number, members: Record<string, unknown> = {}) {
		super(typeof members.detail === 'string' ? members.detail : slug);
		this.name = 'Problem';
		this.slug = slug;
		this.status = status;
		this.members = members;
		this.field = typeof members.field === 'string' ? members.field : undefined;
		this.retryAfterMs = typeof members.retry_after_s === 'number' ? members.retry_after_s * 1000 : undefined;
	}

	/** Whether the same call may succeed later: the network, too many calls, the server's own trouble. */
	get passes(): boolean {
		return this.slug === 'offline' || this.status === 429 || this.status >= 500;
	}

	get sentence(): Sentence {
		return `problem.${this.slug}` as Sentence;
	}
}

/** The problem an answer carries. One without a problem document (a proxy's page) is the server's trouble. */
export function problemOf(status: number, body: unknown): Problem {
	const members = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
	const type = typeof members.type === 'string' ? members.type : '';
	const slug = type.startsWith('/problems/') ? (type.slice('/problems/'.length) as ProblemType) : 'internal';
	return new Problem(slug, status, members);
}

/** Anything thrown, as a problem. */
export function asProblem(thrown: unknown): Problem {
	return thrown instanceof Problem ? thrown : new Problem('internal', 0);
}
