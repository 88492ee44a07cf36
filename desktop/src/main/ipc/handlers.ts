import { deriveKey } from '../derive.ts';
import type { Journal } from '../journal/journal.ts';
import type { Keystore } from '../keystore.ts';
import type { OutsideSignIn } from '../outside-sign-in.ts';
import type { PrintingContents } from '../print.ts';
import { printPage, printToPdf } from '../print.ts';
import type { ServerSetting } from '../server-setting.ts';
import type { Handlers } from './handle.ts';

export interface HandlerParts {
  readonly version: string;
  readonly platform: string;
  readonly server: ServerSetting;
  readonly keystore: Keystore;
  readonly journal: Journal;
  readonly outside: OutsideSignIn;
  readonly lockAfterMinutes: number;
  readonly offlineSignInDays: number;
  readonly printing: 'allow' | 'deny';
  /** The page of the window. */
  readonly contents: () => PrintingContents;
}

/** What main does for each channel. */
export function createHandlers(parts: HandlerParts): Handlers {
  const { server, keystore, journal, outside, contents } = parts;
  const mayPrint = parts.printing === 'allow';
  return {
    info: async () => ({
      version: parts.version,
      platform: parts.platform,
      serverUrl: server.origin(),
      serverUrlManaged: server.managed,
      lockAfterMinutes: parts.lockAfterMinutes,
      offlineSignInDays: parts.offlineSignInDays,
      printing: parts.printing,
    }),
    setServerUrl: ({ url }) => server.set(url),
    deviceSecret: () => keystore.deviceSecret(),
    keyRead: ({ slot }) => keystore.read(slot),
    keyWrite: ({ slot, value }) => keystore.write(slot, value),
    keySetAside: ({ slot }) => keystore.setAside(slot),
    keyDestroy: ({ slot }) => keystore.destroy(slot),
    keyDestroyAll: () => keystore.destroyAll(),
    deriveKey: ({ password, salt, cost }) => deriveKey(password, salt, cost),
    journalAppend: ({ place, records }) => journal.append(place, records),
    journalRead: ({ place }) => journal.read(place),
    journalTurn: ({ place }) => journal.turn(place),
    journalSnapshot: ({ place, from, state }) => journal.snapshot(place, from, state),
    journalErase: ({ place }) => journal.erase(place),
    diskFree: () => journal.free(),
    outsideListen: () => outside.listen(),
    outsideOpen: ({ url }) => outside.open(url),
    print: (options) => printPage(contents(), mayPrint, options),
    printToPdf: (options) => printToPdf(contents(), mayPrint, options),
  };
}
