/** What the screens of oversight use of the shell, in one place. */
export { fromLive, ticking } from '../../app/live.svelte.ts';
export { useCommands } from '../../app/keys.svelte.ts';
export { navigate } from '../../app/router.svelte.ts';
export { useAppContext } from '../../app/context.ts';
export { syncDetailText, syncIcons, syncText } from '../../app/syncWords.ts';
export { forEverybody, forRoles, type ScreenDefinition, type ScreenProps } from '../../app/screen.ts';
