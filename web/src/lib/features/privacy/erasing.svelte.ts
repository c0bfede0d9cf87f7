// Whether the account is to be deleted, for every page that says so: asked once, and again after a change.
import { take, vendorApi } from '#lib/api/client.ts';
import { Loaded } from '#lib/api/loaded.svelte.ts';

export const erasing = new Loaded(() => take(vendorApi.GET('/me/erasure')));

/** Keeps the account after all. */
export async function keepAccount(): Promise<void> {
	await take(vendorApi.DELETE('/me/erasure'));
	await erasing.reload();
}
