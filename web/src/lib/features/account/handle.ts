// What somebody signs in with.

/** What was typed: an address where it has an @, else a number. */
export const handleOf = (typed: string): { email: string } | { phone: string } =>
	isAddress(typed) ? { email: typed.trim() } : { phone: typed.trim() };

export const isAddress = (typed: string): boolean => typed.includes('@');
