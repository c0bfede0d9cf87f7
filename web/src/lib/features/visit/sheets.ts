// The sheets of a talk, fetched when they are wanted: the first paint of the page does without them.

export const loadOfferSheet = () => import('./OfferSheet.svelte');
export const loadReadBackSheet = () => import('./ReadBackSheet.svelte');
export const loadTalkSheet = () => import('./TalkSheet.svelte');
