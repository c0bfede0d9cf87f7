// The secret is in the part of the address that only the browser sees.
export const ssr = false;
