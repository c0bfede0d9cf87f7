// Which roles the person who is signed in can give: owners are made by owners.
import type { Schemas } from '#lib/api/client.ts';
import { session } from '#lib/features/account/session.svelte.ts';

const ROLES: readonly Schemas['Role'][] = ['owner', 'admin', 'member', 'viewer'];

export function rolesToGive(): readonly Schemas['Role'][] {
	return session.role === 'owner' ? ROLES : ROLES.slice(1);
}

/** Whether the person may change or remove somebody of this role. */
export function mayChange(role: Schemas['Role']): boolean {
	return session.may('manage_team') && rolesToGive().includes(role);
}
