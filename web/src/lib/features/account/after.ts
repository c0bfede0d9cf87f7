// Where signing in leads.

/** The page that wanted a sign-in, where it is one of the signed-in parts of this app, an invitation or a buyer's visits; else the stall. */
export function afterSignIn(search: string): string {
	const wanted = new URLSearchParams(search).get('to') ?? '';
	return /^\/(join|b|(v|op)(\/[\w/-]*)?)$/.test(wanted) && !wanted.startsWith('/v/sign') ? wanted : '/v';
}
