// The secret of an invitation, kept in this tab while its holder signs in or opens an account.
import { forgetSecret, heldSecret } from '#lib/features/account/secret.ts';

const KEY = 'invitation';

/** The secret that the address brings behind `#`, where it brings one; else the one that was kept. */
export const heldInvitation = (hash: string): string | undefined => heldSecret(KEY, hash);

export const forgetInvitation = (): void => forgetSecret(KEY);

/** The link to send. What stands behind `#` reaches no server's log. */
export function invitationLink(origin: string, token: string): string {
	return `${origin}/join#${token}`;
}
