import { version } from '../../../package.json';
import { createBrowserKeys, indexedDbSlots } from './browserKeys.ts';
import { holdDesk } from './deskLock.ts';
import { withSection } from './printSection.ts';
import { registerShell } from './shellWorker.ts';
import { readStorage } from './storage.ts';
import type { Host, Limit } from './types.ts';

/** Minutes until the idle lock where no policy of the machine can be read. */
const LOCK_AFTER_MINUTES = 5;

const ALWAYS: readonly Limit[] = ['power-loss', 'os-lock', 'no-device-secret'];

/** The system's dialog; a browser does not tell whether anything came out of it. */
async function printPage(): Promise<{ state: 'printed' }> {
  globalThis.print();
  return { state: 'printed' };
}

/** Starts the shell's worker once this window has the desk: a second one must not reload the first. */
async function takeDesk(): ReturnType<Host['holdDesk']> {
  const hold = await holdDesk(navigator.locks);
  if (hold === 'second-window') return hold;
  const shell = await registerShell(navigator.serviceWorker, () => {
    location.reload();
  });
  // The page is about to be replaced; whoever waits must not open the data meanwhile.
  return shell === 'reloading' ? new Promise(() => undefined) : hold;
}

/** The host in a browser: the page comes from the sync service itself. */
export async function createBrowserHost(): Promise<Host> {
  let persisted = await navigator.storage.persisted();
  return {
    kind: 'browser',
    version,
    serverUrl: location.origin,
    serverUrlManaged: true,
    lockAfterMinutes: LOCK_AFTER_MINUTES,
    offlineSignInDays: null,
    mayPrint: true,
    limits: () => (persisted ? ALWAYS : [...ALWAYS, 'eviction']),
    setServerUrl: async () => ({ state: 'refused', reason: 'managed' }),
    deviceSecret: async () => ({ state: 'none' }),
    signInOutside: async () => null,
    keystore: createBrowserKeys(indexedDbSlots(indexedDB)),
    journal: null,
    diskFree: async () => null,
    deriveKey: async () => null,
    print: (section) => withSection(section, printPage),
    pdf: async () => null,
    onLock: () => () => undefined,
    storage: () => readStorage(navigator.storage),
    async persist() {
      persisted = await navigator.storage.persist();
      return persisted;
    },
    holdDesk: takeDesk,
  };
}
