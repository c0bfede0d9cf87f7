// Keeps the app's shell and the files of one role, so that the app opens without a network. Data is never kept here.
//
// A newer version waits until its user says so: it never takes over by itself, and so never interrupts a recording.
import { version } from '$app/env';
import { self } from '$app/service-worker';

const CACHE = `app-${version}`;
/** Outlives versions: which role this phone has. */
const MEMORY = 'memory';
const ROLE = '/role';
const ROLES = '/roles.json';

/** The page for every address that has none of its own. */
const FALLBACK = '/200.html';
/** Pages with a first paint of their own, by the addresses they are served at. */
const PAGES: readonly (readonly [address: RegExp, page: string])[] = [
	[/^\/$/, '/'],
	[/^\/s\/[^/]+$/, '/s/shell'],
	[/^\/scan$/, '/scan'],
	[/^\/v\/sign-in$/, '/v/sign-in'],
	[/^\/v\/sign-up$/, '/v/sign-up']
];
const SHELL = [FALLBACK, ROLES, ...PAGES.map(([, page]) => page), '/manifest.webmanifest', '/icon.svg', '/icon-192.png'];

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));

async function install(): Promise<void> {
	const cache = await caches.open(CACHE);
	await cache.addAll(SHELL.map((path) => new Request(path, { cache: 'reload' })));
	const role = await (await caches.open(MEMORY)).match(ROLE);
	if (role) await keep(await role.text());
}

async function activate(): Promise<void> {
	const old = (await caches.keys()).filter((name) => name.startsWith('app-') && name !== CACHE);
	await Promise.all(old.map((name) => caches.delete(name)));
	await self.clients.claim();
}

/** Fetches the role's files that are not here yet; a file that an older version had is taken from it. */
async function keep(role: string): Promise<void> {
	const cache = await caches.open(CACHE);
	const roles = (await (await cache.match(ROLES))?.json()) as Record<string, string[]> | undefined;
	for (const path of roles?.[role] ?? []) {
		if (await cache.match(path)) continue;
		const older = await caches.match(path);
		if (older) await cache.put(path, older);
		else await cache.add(path);
	}
}

self.addEventListener('message', (event) => {
	const message = event.data as { type?: string; role?: string } | undefined;
	if (message?.type === 'take-over') event.waitUntil(self.skipWaiting());
	if (message?.type === 'role' && message.role) event.waitUntil(remember(message.role));
});

async function remember(role: string): Promise<void> {
	await (await caches.open(MEMORY)).put(ROLE, new Response(role));
	await keep(role);
}

self.addEventListener('fetch', (event) => {
	const { request } = event;
	const url = new URL(request.url);
	if (request.method !== 'GET' || url.origin !== self.location.origin || url.pathname.startsWith('/api/')) return;
	if (request.mode === 'navigate') event.respondWith(page(request, url.pathname));
	else if (url.pathname.startsWith('/_app/immutable/')) event.respondWith(file(request, true));
	else if (SHELL.includes(url.pathname)) event.respondWith(file(request, false));
});

async function page(request: Request, pathname: string): Promise<Response> {
	const own = PAGES.find(([address]) => address.test(pathname))?.[1] ?? FALLBACK;
	return (await (await caches.open(CACHE)).match(own)) ?? fetch(request);
}

/** Files with a hash in their names never change: what was fetched once is kept. */
async function file(request: Request, forGood: boolean): Promise<Response> {
	const cache = await caches.open(CACHE);
	const known = await cache.match(request, { ignoreSearch: true });
	if (known) return known;
	const response = await fetch(request);
	if (forGood && response.ok) await cache.put(request, response.clone());
	return response;
}

interface News {
	title?: string;
	body?: string;
	/** A path of this app. */
	url?: string;
	/** News with the same tag replace each other. */
	tag?: string;
	language?: string;
}

self.addEventListener('push', (event) => {
	let news: News = {};
	try {
		news = (event.data?.json() ?? {}) as News;
	} catch {
		// What is no news is shown by the app's name alone: a browser wants to see something for every push.
	}
	event.waitUntil(
		self.registration.showNotification(news.title ?? 'VyaparMitra', {
			...(news.body ? { body: news.body } : {}),
			...(news.tag ? { tag: news.tag } : {}),
			...(news.language ? { lang: news.language } : {}),
			icon: '/icon-192.png',
			badge: '/icon-192.png',
			data: { url: news.url ?? '/v' }
		})
	);
});

self.addEventListener('notificationclick', (event) => {
	event.notification.close();
	const { url } = event.notification.data as { url: string };
	event.waitUntil(show(url.startsWith('/') && !url.startsWith('//') ? url : '/v'));
});

async function show(path: string): Promise<void> {
	const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
	const here = windows.find((w) => new URL(w.url).pathname.startsWith('/v'));
	if (!here) await self.clients.openWindow(path);
	else await (await here.navigate(path))?.focus();
}
