/**
 * What the lodging screens use of the shell, in one place: the address, the registry of commands and the type of a
 * screen. Nothing else of `app/` is touched.
 */
export { fromLive, ticking } from '../../app/live.svelte.ts';
export { useCommands, type Command } from '../../app/keys.svelte.ts';
export { navigate } from '../../app/router.svelte.ts';
export { useAppContext } from '../../app/context.ts';
export { forRoles, type ScreenDefinition } from '../../app/screen.ts';
