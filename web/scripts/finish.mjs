// After the build: writes what the service worker keeps for each role (`roles.json`), and the hashes of the inline scripts that
// the server's content security policy must allow (`csp.json`).
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { closure, keysOf, roleOf, routes } from './chunks.mjs';
import { ROOT } from './root.mjs';

const BUILD = `${ROOT}/build`;

function write(name, value) {
	const text = JSON.stringify(value);
	writeFileSync(`${BUILD}/${name}`, text);
	writeFileSync(`${BUILD}/${name}.br`, brotliCompressSync(text));
	writeFileSync(`${BUILD}/${name}.gz`, gzipSync(text, { level: 9 }));
}

const roles = { buyer: new Set(), vendor: new Set(), operator: new Set() };
for (const route of routes()) {
	for (const file of closure(keysOf(route), true)) roles[roleOf(route.id)].add(`/${file}`);
}
write('roles.json', Object.fromEntries(Object.entries(roles).map(([role, files]) => [role, [...files].sort()])));

const pages = readdirSync(BUILD, { recursive: true }).filter((name) => name.endsWith('.html'));
const hashes = new Set();
for (const page of pages) {
	for (const [, script] of readFileSync(`${BUILD}/${page}`, 'utf8').matchAll(/<script>([\s\S]*?)<\/script>/g)) {
		hashes.add(`sha256-${createHash('sha256').update(script).digest('base64')}`);
	}
}
write('csp.json', { script_hashes: [...hashes].sort() });
