import type { Bridge } from '../../preload/bridge.ts';
import { createBrowserHost } from './browser.ts';
import { createElectronHost } from './electron.ts';
import type { Host } from './types.ts';

export type {
  DeskHold,
  DeviceSecret,
  Host,
  HostJournal,
  KdfCost,
  KeySlots,
  Limit,
  LockReason,
  StorageState,
  UnreadableReason,
} from './types.ts';
export { HostError } from './types.ts';
export { saveFile } from './saveFile.ts';
export { workerUrl } from './trustedTypes.ts';

/**
 * The host that this page runs on: Electron where preload has put its bridge on the window, a browser
 * otherwise.
 * @throws HostError when Electron's main does not answer
 */
export function createHost(): Promise<Host> {
  const { sivis } = globalThis as { readonly sivis?: Bridge };
  return sivis === undefined ? createBrowserHost() : createElectronHost(sivis);
}
