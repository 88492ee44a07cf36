/** The page of the first administrator, for the shell to show before anybody can sign in. */
export { default as FirstAdmin } from './FirstAdmin.svelte';
export { firstAdminToken } from './firstAdminToken.ts';
