import { i18n } from '#lib/i18n/i18n.svelte.ts';

export async function load() {
	await i18n.start();
}
