import type { Bridge, Reply } from '../../preload/bridge.ts';
import type { KdfCost, Result } from '../../preload/contract.ts';
import { holdDesk } from './deskLock.ts';
import { withSection } from './printSection.ts';
import { readStorage } from './storage.ts';
import type { Host } from './types.ts';
import { HostError } from './types.ts';

/** @throws HostError when main refused the call or failed in it */
async function value<T>(reply: Promise<Reply<T>>): Promise<T> {
  const answer = await reply;
  if (!answer.ok) throw new HostError(answer.code);
  return answer.value;
}

function keystore(bridge: Bridge): Host['keystore'] {
  return {
    get: (slot) => value(bridge.keyRead({ slot })),
    put: (slot, bytes) => value(bridge.keyWrite({ slot, value: bytes })),
    setAside: (slot) => value(bridge.keySetAside({ slot })),
    destroy: (slot) => value(bridge.keyDestroy({ slot })),
    destroyAll: () => value(bridge.keyDestroyAll()),
  };
}

function journal(bridge: Bridge): NonNullable<Host['journal']> {
  return {
    append: (place, records) => value(bridge.journalAppend({ place, records })),
    read: (place) => value(bridge.journalRead({ place })),
    turn: (place) => value(bridge.journalTurn({ place })),
    snapshot: (place, from, state) => value(bridge.journalSnapshot({ place, from, state })),
    erase: (place) => value(bridge.journalErase({ place })),
  };
}

async function deriveKey(
  bridge: Bridge,
  password: string,
  salt: Uint8Array<ArrayBuffer>,
  { memoryKiB, iterations, parallelism }: KdfCost,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const answer: Result<'deriveKey'> = await value(
    bridge.deriveKey({ password, salt, cost: { memoryKiB, iterations, parallelism } }),
  );
  return answer.state === 'ok' ? answer.key : null;
}

async function signInOutside(bridge: Bridge): ReturnType<Host['signInOutside']> {
  const listening = await value(bridge.outsideListen());
  if (listening.state !== 'ok') throw new HostError('failed');
  return {
    redirect: listening.redirect,
    async open(url) {
      const answer = await value(bridge.outsideOpen({ url }));
      return answer.state === 'ok' ? answer.query : null;
    },
  };
}

/**
 * The host in Electron.
 * @param bridge what preload put on the window
 * @throws HostError when main does not answer
 */
export async function createElectronHost(bridge: Bridge): Promise<Host> {
  const info = await value(bridge.info());
  return {
    kind: 'electron',
    version: info.version,
    serverUrl: info.serverUrl,
    serverUrlManaged: info.serverUrlManaged,
    lockAfterMinutes: info.lockAfterMinutes,
    offlineSignInDays: info.offlineSignInDays,
    mayPrint: info.printing === 'allow',
    // The journal outlives a loss of power; the browser's storage may still be thrown away, and is filled again.
    limits: () => ['eviction'],
    setServerUrl: (url) => value(bridge.setServerUrl({ url })),
    deviceSecret: () => value(bridge.deviceSecret()),
    keystore: keystore(bridge),
    journal: journal(bridge),
    diskFree: async () => (await value(bridge.diskFree())).bytes,
    signInOutside: () => signInOutside(bridge),
    deriveKey: (password, salt, cost) => deriveKey(bridge, password, salt, cost),
    print: (section) => withSection(section, () => value(bridge.print({ landscape: false }))),
    pdf: (section) => withSection(section, () => value(bridge.printToPdf({ landscape: false }))),
    onLock: (callback) => bridge.onLock(callback),
    storage: () => readStorage(navigator.storage),
    // Main denies every permission, this one too.
    persist: async () => false,
    holdDesk: () => holdDesk(navigator.locks),
  };
}
