import { expect, test } from 'vitest';
import { wantedOf } from './wanted.ts';

const asked = (query: string) => wantedOf(new URLSearchParams(query));

test('a day is wanted from its beginning to its end', () => {
	const { since, until } = asked('since=2026-11-26&until=2026-11-26');
	expect(new Date(until ?? 0).getTime() - new Date(since ?? 0).getTime()).toBe(24 * 60 * 60 * 1000);
});

test('what makes no sense is not asked for', () => {
	expect(asked('area=everything&person=me&tenant=&since=yesterday&until=2026-99-99')).toEqual({});
	const id = '0199a0c0-0000-7000-8000-000000000001';
	expect(asked(`area=refunds&person=${id}&tenant=${id}`)).toEqual({ area: 'refunds', person: id, tenant: id });
});
