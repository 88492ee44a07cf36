import { parentPath, pathOf } from './routes.ts';

let path = $state(typeof location === 'undefined' ? '/' : pathOf(location.hash));
let started = false;

/** Follows the address from now on. Called once, when the program starts. */
export function startRouter(): void {
  if (started) return;
  started = true;
  addEventListener('hashchange', () => (path = pathOf(location.hash)));
}

/** The path of the shown screen: `/sodien`. Reactive. */
export function currentPath(): string {
  return path;
}

/**
 * Goes to a path. Paths carry screen names and opaque ids only, never a name, a code or a search text: they stand
 * in the history and in the title of windows.
 */
export function navigate(to: string, options: { readonly replace?: boolean } = {}): void {
  if (to === path) return;
  if (options.replace === true) history.replaceState(null, '', `#${to}`);
  else history.pushState(null, '', `#${to}`);
  path = to;
}

/** One step up, when there is one: from a client to the clients. */
export function navigateUp(): void {
  const up = parentPath(path);
  if (up !== null) navigate(up);
}
