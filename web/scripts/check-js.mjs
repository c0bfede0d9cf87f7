// The budgets of what a phone must fetch before a page works: scripts and everything, compressed. Exits 1 where one is broken.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { built, catalogues, closure, keysOf, roleOf, routes } from './chunks.mjs';
import { ROOT } from './root.mjs';

const KB = 1024;
const SCRIPT_MAX = { buyer: 75 * KB, vendor: 120 * KB, operator: 200 * KB };
/** Page, scripts, styles and the largest catalogue, as a browser of today fetches them. */
const TRANSFER_MAX = { buyer: 120 * KB };

const gz = (bytes) => gzipSync(bytes, { level: 9 }).length;
const sizes = new Map();
const sizeOf = (file) => {
	if (!sizes.has(file)) sizes.set(file, { gz: gz(built(file)) });
	return sizes.get(file);
};
const sum = (files, kind) => files.reduce((total, file) => total + sizeOf(file)[kind], 0);

const page = gz(readFileSync(`${ROOT}/build/200.html`));
const catalogue = Math.max(...catalogues().map((file) => sizeOf(file).gz));
let broken = false;
for (const role of ['buyer', 'vendor', 'operator']) {
	for (const route of routes().filter((r) => roleOf(r.id) === role)) {
		const files = closure(keysOf(route));
		const scripts = sum(files.filter((f) => f.endsWith('.js')), 'gz');
		const transfer = page + sum(files, 'gz') + catalogue;
		const over = scripts > SCRIPT_MAX[role] || transfer > (TRANSFER_MAX[role] ?? Infinity);
		broken ||= over;
		const kb = (bytes) => (bytes / KB).toFixed(1).padStart(6);
		console.log(`${over ? '✗' : '✓'} ${role.padEnd(8)} ${route.id.padEnd(34)} js ${kb(scripts)} KB  all ${kb(transfer)} KB`);
	}
}
console.log(`the largest catalogue is ${(catalogue / KB).toFixed(1)} KB (gzip) and counted in "all"`);
process.exit(broken ? 1 : 0);
