// One page for every token, served by the server at each of their addresses: its first paint needs no script.
export const prerender = true;
export const entries = () => [{ token: 'shell' }];
