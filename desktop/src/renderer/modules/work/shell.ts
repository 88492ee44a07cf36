/** What the screens of tasks use of the shell, in one place. */
export { fromLive } from '../../app/live.svelte.ts';
export { useCommands } from '../../app/keys.svelte.ts';
export { navigate } from '../../app/router.svelte.ts';
export type { ScreenDefinition, ScreenProps } from '../../app/screen.ts';
