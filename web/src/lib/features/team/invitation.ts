// The secret of an invitation, kept in this tab while its holder signs in or opens an account.
const KEY = 'invitation';

/** The secret that the address brings behind `#`, where it brings one; else the one that was kept. */
export function heldInvitation(hash: string): string | undefined {
	const brought = /^#([\w-]{43})$/.exec(hash)?.[1];
	if (brought) sessionStorage.setItem(KEY, brought);
	return brought ?? sessionStorage.getItem(KEY) ?? undefined;
}

export function forgetInvitation(): void {
	sessionStorage.removeItem(KEY);
}

/** The link to send. What stands behind `#` reaches no server's log. */
export function invitationLink(origin: string, token: string): string {
	return `${origin}/join#${token}`;
}
