/** What the screens of people use of the shell, in one place. */
export { fromLive } from '../../app/live.svelte.ts';
export { useCommands } from '../../app/keys.svelte.ts';
export { navigate } from '../../app/router.svelte.ts';
export { forRoles, type ScreenDefinition, type ScreenProps } from '../../app/screen.ts';
