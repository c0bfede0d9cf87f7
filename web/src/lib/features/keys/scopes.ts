// What a key can be allowed, as far as the person who makes it may.
import type { Schemas } from '#lib/api/client.ts';
import { session } from '#lib/features/account/session.svelte.ts';

/** Rights that a key may have, in the order of the choice. */
export const SCOPES = [
	'read_shop', 'sell', 'count_stock', 'change_prices', 'change_shop', 'read_money', 'move_money', 'change_payee'
] as const satisfies readonly Schemas['Permission'][];

export type Scope = (typeof SCOPES)[number];

export const scopesToGive = (): readonly Scope[] => SCOPES.filter((scope) => session.may(scope));

/** Rights that a key's own list may hold, of which this build knows the words. */
export const known = (scopes: readonly Schemas['Permission'][]): readonly Scope[] => SCOPES.filter((scope) => scopes.includes(scope));
