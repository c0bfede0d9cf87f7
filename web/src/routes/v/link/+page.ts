// What a link is for nobody can paint before it was looked at.
export const ssr = false;
