/** What other modules may use of the lodging. */
export { default as StayDialogs } from './dialogs/StayDialogs.svelte';
export type { StayDialog } from './dialogs/dialog.ts';
export { default as StayFacts } from './StayFacts.svelte';
export { default as CheckList } from './CheckList.svelte';
export { bedName, placeOfBed } from './places.ts';
export { lodgingScreens } from './screens.ts';
