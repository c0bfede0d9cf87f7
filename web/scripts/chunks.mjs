// Which files each route of the built app needs, read from what the build says of itself.
import { readFileSync } from 'node:fs';
import { ROOT } from './root.mjs';

const GENERATED = '.svelte-kit/generated/build/client-optimized';
const CLIENT = `${ROOT}/.svelte-kit/output/client`;

const manifest = JSON.parse(readFileSync(`${CLIENT}/.vite/manifest.json`, 'utf8'));
const app = readFileSync(`${ROOT}/${GENERATED}/app.js`, 'utf8');

/** The built file's bytes. */
export const built = (file) => readFileSync(`${CLIENT}/${file}`);

/** The routes, each with the numbers of its layouts and its page. */
export function routes() {
	const text = /export const dictionary = (\{[\s\S]*?\n\t\});/.exec(app)?.[1];
	if (!text) throw new Error('the generated app has no dictionary of routes');
	// `"/b/[visit]": [7,[2]]`: the page, then its layouts. Node 0 is the root layout of all.
	const dictionary = JSON.parse(text.replace(/,(\s*\})/g, '$1'));
	return Object.entries(dictionary).map(([id, [page, layouts = []]]) => ({
		id: id.replace(/\/\([^)]*\)/g, '') || '/',
		nodes: [...new Set([0, ...layouts.filter((n) => n !== null && n >= 0), Math.abs(page)])]
	}));
}

/** Every script and style that the entry points pull in before anything is shown; `lazily` also what they may pull in later. */
export function closure(keys, lazily = false) {
	const seen = new Set();
	const files = new Set();
	const queue = [...keys];
	while (queue.length > 0) {
		const key = queue.pop();
		if (seen.has(key)) continue;
		seen.add(key);
		const chunk = manifest[key];
		if (!chunk) throw new Error(`the build's manifest does not know ${key}`);
		files.add(chunk.file);
		for (const css of chunk.css ?? []) files.add(css);
		queue.push(...(chunk.imports ?? []));
		if (lazily) queue.push(...(chunk.dynamicImports ?? []).filter((k) => !k.startsWith(GENERATED) && !isCatalogue(k)));
	}
	return [...files].sort();
}

const isCatalogue = (key) => key.startsWith('src/lib/i18n/');
const nodeKey = (n) => `${GENERATED}/nodes/${n}.js`;
const runtime = Object.keys(manifest).filter((k) => /kit\/src\/runtime\/client\/(entry|payload|client-entry)\.js$/.test(k));

/** What starts the app on any page. */
export const ENTRY = [...runtime, `${GENERATED}/app.js`, nodeKey(0), nodeKey(1)];
export const keysOf = (route) => [...ENTRY, ...route.nodes.map(nodeKey)];

/** The chunk of each language's catalogue. */
export const catalogues = () =>
	Object.keys(manifest)
		.filter((key) => isCatalogue(key) && key.endsWith('.json'))
		.map((key) => manifest[key].file);

/** Whose part of the app a route is. */
export function roleOf(id) {
	if (id.startsWith('/op')) return 'operator';
	if (id.startsWith('/v')) return 'vendor';
	return 'buyer';
}
