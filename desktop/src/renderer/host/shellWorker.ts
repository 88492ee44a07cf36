import { workerUrl } from './trustedTypes.ts';

/** Asks a waiting version of the shell to take over. The service worker listens for the same word. */
export const ACTIVATE = 'sivis-activate';

/** What is needed of `navigator.serviceWorker`. */
export interface WorkerContainer {
  register(url: string | URL, options: { readonly updateViaCache: 'none' }): Promise<ShellRegistration>;
  addEventListener(event: 'controllerchange', listener: () => void, options: { readonly once: true }): void;
}

export interface ShellRegistration {
  readonly waiting: { postMessage(message: unknown): void } | null;
}

/**
 * Registers the service worker that keeps the shell for starts without the service. A newer version that was
 * fetched during an earlier visit takes over now, while nothing is open yet: a lone tab that is only ever
 * reloaded would otherwise keep the old one for ever.
 * @param reload loads the page anew with the version that took over
 * @returns 'reloading' when the page is about to be replaced; 'unavailable' where the browser allows no
 *   service worker (a private window, plain http): the desk works, it only does not start offline
 */
export async function registerShell(
  container: WorkerContainer | undefined,
  reload: () => void,
): Promise<'registered' | 'reloading' | 'unavailable'> {
  if (container === undefined) return 'unavailable';
  try {
    const { waiting } = await container.register(workerUrl('/sw.js'), { updateViaCache: 'none' });
    if (waiting === null) return 'registered';
    container.addEventListener('controllerchange', reload, { once: true });
    waiting.postMessage(ACTIVATE);
    return 'reloading';
  } catch {
    return 'unavailable';
  }
}
