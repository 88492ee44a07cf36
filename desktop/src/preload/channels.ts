/**
 * The names under which main and renderer speak. Plain data, so that the preload script carries nothing
 * else; arguments and results of each stand in contract.ts.
 */
export const CHANNELS = {
  info: 'sivis:info',
  setServerUrl: 'sivis:server-url.set',
  deviceSecret: 'sivis:device-secret',
  keyRead: 'sivis:key.read',
  keyWrite: 'sivis:key.write',
  keySetAside: 'sivis:key.set-aside',
  keyDestroy: 'sivis:key.destroy',
  keyDestroyAll: 'sivis:key.destroy-all',
  deriveKey: 'sivis:key.derive',
  journalAppend: 'sivis:journal.append',
  journalRead: 'sivis:journal.read',
  journalTurn: 'sivis:journal.turn',
  journalSnapshot: 'sivis:journal.snapshot',
  journalErase: 'sivis:journal.erase',
  diskFree: 'sivis:disk.free',
  outsideListen: 'sivis:outside.listen',
  outsideOpen: 'sivis:outside.open',
  print: 'sivis:print',
  printToPdf: 'sivis:print.pdf',
} as const;

export type ChannelName = keyof typeof CHANNELS;

/** From main to the renderer: lock the desk now. The only thing main ever says unasked. */
export const LOCK_CHANNEL = 'sivis:lock';

/** Why main asks for a lock. */
export const LOCK_REASONS = ['suspend', 'screen', 'idle', 'menu'] as const;
export type LockReason = (typeof LOCK_REASONS)[number];
