/** What the screens of the fleet use of the shell, in one place. */
export { fromLive, ticking } from '../../app/live.svelte.ts';
export { useCommands } from '../../app/keys.svelte.ts';
export type { ScreenDefinition } from '../../app/screen.ts';
