// Parts of a talk that are fetched when they are wanted: the first paint of the page does without them.

/** Wanted as soon as the talk itself has come: fetched beside it. */
export const loadLiveOffer = () => import('./LiveOffer.svelte');
export const loadOfferActions = () => import('./OfferActions.svelte');
export const loadProductStrip = () => import('./ProductStrip.svelte');
export const loadOfferSheet = () => import('./OfferSheet.svelte');
export const loadOrderLink = () => import('./OrderLink.svelte');
export const loadReadBackSheet = () => import('./ReadBackSheet.svelte');
export const loadTalkSheet = () => import('./TalkSheet.svelte');
export const loadPendingBubble = () => import('./PendingBubble.svelte');
export const loadRecordingBar = () => import('#lib/features/voice/RecordingBar.svelte');
export const loadPreviewBar = () => import('#lib/features/voice/PreviewBar.svelte');
export const loadVoiceNote = () => import('./VoiceNote.svelte');
export const loadBrowserVoice = () => import('./BrowserVoice.svelte');

/** All that may be wanted a moment after the page, fetched while nobody waits. */
export const loadSoon = () =>
	Promise.allSettled([loadPendingBubble(), loadRecordingBar(), loadReadBackSheet(), loadOfferSheet(), loadOrderLink(), loadPreviewBar()]);
