// What a scanned or pasted text leads to.

/** The path in this app that the text leads to: a stall's link, or its bare token. Nothing for any other text. */
export function stallPath(text: string, origin: string): string | undefined {
	const trimmed = text.trim();
	if (/^[A-Za-z0-9_-]{20,512}$/.test(trimmed)) return `/s/${trimmed}`;
	let url: URL;
	try {
		url = new URL(trimmed);
	} catch {
		return undefined;
	}
	const token = /^\/s\/([A-Za-z0-9_-]{1,512})\/?$/.exec(url.pathname)?.[1];
	// A code that leads to another site may look like ours: it is never followed.
	return token && url.origin === origin ? `/s/${token}` : undefined;
}
