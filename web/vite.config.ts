import { readFileSync } from 'node:fs';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';

// The server of the product, for `npm run dev`.
const api = process.env.VYAPAR_API ?? 'http://127.0.0.1:8080';

/** Whether a built file is a page that phones at the stall hardly ever open: the operator's, what is set up once, looked up now and then or goes wrong seldom. */
function isRare(file: string): boolean {
	const node = /nodes\/(\d+)\./.exec(file)?.[1];
	return node !== undefined && /\/routes\/(op|join|b\/(?:documents|privacy)|v\/(?:account|forgot|link|sign-in|sign-up)|v\/\(in\)\/(?:team|api-keys|audit|credit|disputes|documents|payment-methods|payouts|plan|products\/(?:new|\[product\])|qr|settings|stall|wallet))\//.test(readFileSync(`.svelte-kit/generated/build/client-optimized/nodes/${node}.js`, 'utf8'));
}

export default defineConfig({
	plugins: [
		tailwindcss(),
		sveltekit({
			compilerOptions: { runes: true },
			adapter: adapter({ fallback: '200.html', precompress: true }),
			// A page is served at addresses of other depths than its own (`/s/<any token>`).
			paths: { relative: false },
			// The app registers the worker itself: an update asks first.
			serviceWorker: { register: false },
			version: { pollInterval: 0 },
			prerender: { handleUnseenRoutes: 'fail' }
		})
	],
	build: {
		manifest: true,
		target: 'es2022',
		// What a page needs beside itself is listed in what every phone fetches first: not for pages that phones hardly ever open.
		modulePreload: { resolveDependencies: (file, needed) => (isRare(file) ? [] : needed) }
	},
	server: { proxy: { '/api': { target: api, ws: true } } },
	test: { include: ['src/**/*.test.ts'] }
});
