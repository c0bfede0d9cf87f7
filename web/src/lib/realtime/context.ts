// The live line of the page tree.
import { createContext } from 'svelte';
import type { Live } from './live.svelte.ts';

export const [getLive, setLive] = createContext<Live>();
