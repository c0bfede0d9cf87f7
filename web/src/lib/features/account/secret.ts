// Secrets that links bring behind `#`, where no server's log sees them: kept in this tab while their holder signs in.

/** The secret that the address brings, where it brings one; else the one that was kept under this name. */
export function heldSecret(name: string, hash: string): string | undefined {
	const brought = /^#([\w-]{43})$/.exec(hash)?.[1];
	if (brought) sessionStorage.setItem(name, brought);
	return brought ?? sessionStorage.getItem(name) ?? undefined;
}

export function forgetSecret(name: string): void {
	sessionStorage.removeItem(name);
}
