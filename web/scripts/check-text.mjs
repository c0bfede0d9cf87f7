// No words outside the catalogues: text between tags, and attributes that are read out, must come from `t(…)`. Exits 1 with each place.
import { readFileSync, readdirSync } from 'node:fs';
import { parse } from 'svelte/compiler';
import { ROOT } from './root.mjs';

const READ_OUT = new Set(['alt', 'aria-label', 'aria-description', 'label', 'placeholder', 'title']);
const WORD = /\p{L}{2,}/u;
/** Names and patterns that are the same in every language. */
const NAMES = /VyaparMitra|name@bank|\b(?:UPI|GSTIN|QR|PDF)\b/g;
const faults = [];

const wordy = (text) => WORD.test(text.replace(NAMES, ''));

function walk(node, visit) {
	if (!node || typeof node !== 'object') return;
	if (Array.isArray(node)) return node.forEach((child) => walk(child, visit));
	if (typeof node.type === 'string') visit(node);
	for (const [key, child] of Object.entries(node)) if (key !== 'parent') walk(child, visit);
}

for (const name of readdirSync(`${ROOT}/src`, { recursive: true }).filter((n) => n.endsWith('.svelte'))) {
	const source = readFileSync(`${ROOT}/src/${name}`, 'utf8');
	const line = (at) => source.slice(0, at).split('\n').length;
	const note = (at, text) => faults.push(`${name}:${line(at)}: "${text.trim().slice(0, 60)}" is not in the catalogues`);
	walk(parse(source, { modern: true }).fragment, (node) => {
		if (node.type === 'Attribute' && READ_OUT.has(node.name) && Array.isArray(node.value)) {
			for (const part of node.value) if (part.type === 'Text' && wordy(part.data)) note(part.start, part.data);
		}
		if (node.type === 'RegularElement' || node.type === 'Fragment' || node.type === 'Component') {
			for (const child of node.fragment?.nodes ?? node.nodes ?? []) {
				if (child.type === 'Text' && !['style', 'script'].includes(node.name) && wordy(child.data)) note(child.start, child.data);
			}
		}
	});
}

console.log(faults.length > 0 ? [...new Set(faults)].join('\n') : 'text: all of it is in the catalogues');
process.exit(faults.length > 0 ? 1 : 0);
