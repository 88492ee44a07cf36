import type { LockReason } from '../../preload/channels.ts';
import type { KdfCost, Result } from '../../preload/contract.ts';

export type { LockReason } from '../../preload/channels.ts';
export type { KdfCost, UnreadableReason } from '../../preload/contract.ts';

/** What a host cannot promise; the page says it in the user's words. */
export type Limit =
  /** What was saved survives a crash of the program, not of the computer. */
  | 'power-loss'
  /** The system's lock screen and sleep do not lock the desk; its own idle lock does. */
  | 'os-lock'
  /** No secret of the computer takes part in the key: only the password protects the data. */
  | 'no-device-secret'
  /** The browser may throw the data away when the disk is full. */
  | 'eviction';

export type DeviceSecret =
  | Result<'deviceSecret'>
  /** This host has none, and no PIN either. */
  | { readonly state: 'none' };

/** Wrapped keys, one per slot. A slot is lower-case letters, digits and hyphens; no name of a person. */
export interface KeySlots {
  /** Three answers: there is none, there is one that cannot be read now, or its bytes. */
  get(slot: string): Promise<Result<'keyRead'>>;
  /** Never writes over a key that cannot be read. */
  put(slot: string, value: Uint8Array<ArrayBuffer>): Promise<Result<'keyWrite'>>;
  /** Moves an unreadable key out of the way, without losing it. */
  setAside(slot: string): Promise<Result<'keySetAside'>>;
  destroy(slot: string): Promise<Result<'keyDestroy'>>;
  /** Destroys every slot of this desk, also those that were set aside, and the computer's secret. */
  destroyAll(): Promise<Result<'keyDestroyAll'>>;
}

/**
 * What is unsent, beside the browser's storage: on the disk when a call says so. Everything is sealed before it comes
 * here. `place` is the opaque name of a user on this desk.
 */
export interface HostJournal {
  append(place: string, records: Uint8Array<ArrayBuffer>[]): Promise<Result<'journalAppend'>>;
  read(place: string): Promise<Result<'journalRead'>>;
  turn(place: string): Promise<Result<'journalTurn'>>;
  snapshot(place: string, from: number, state: Uint8Array<ArrayBuffer>): Promise<Result<'journalSnapshot'>>;
  erase(place: string | null): Promise<Result<'journalErase'>>;
}

export interface StorageState {
  /** Bytes, as the browser estimates them. */
  readonly usage: number;
  readonly quota: number;
  /** The browser has promised not to evict. */
  readonly persisted: boolean;
}

/** Another window of this desk has the data open; ours must not open it. */
export type DeskHold = 'held' | 'second-window';

/** A sign-in at an identity provider in the system's browser. */
export interface OutsideSignIn {
  /** Where the provider comes back to. */
  readonly redirect: string;
  /** Opens the address and waits. @returns the query that came back, null when nothing did in time */
  open(url: string): Promise<string | null>;
}

/** What the workstation stands on: Electron, or a browser. */
export interface Host {
  readonly kind: 'electron' | 'browser';
  /** Version of the workstation. */
  readonly version: string;
  /** Origin of the sync service without a slash at its end; null as long as none was given (Electron only). */
  readonly serverUrl: string | null;
  /** Set by the administration or by the place the page came from: not to be asked for. */
  readonly serverUrlManaged: boolean;
  /** Minutes of the machine's policy; the service may ask for fewer. */
  readonly lockAfterMinutes: number;
  /** Days of the machine's policy for work without the service, whose own lease may be shorter; null without a policy. */
  readonly offlineSignInDays: number | null;
  readonly mayPrint: boolean;

  /** What this host cannot promise, as it is now. */
  limits(): readonly Limit[];
  /** After 'saved' the page is loaded anew. */
  setServerUrl(url: string): Promise<Result<'setServerUrl'>>;
  /** The 256-bit secret of this computer and user. */
  deviceSecret(): Promise<DeviceSecret>;
  readonly keystore: KeySlots;
  /** `null` where the host has none; then {@link Limit} `power-loss` holds. */
  readonly journal: HostJournal | null;
  /** Bytes free on the disk; `null` where the host cannot tell. */
  diskFree(): Promise<number | null>;
  /**
   * A way to sign in outside the page, in the system's browser, which comes back to a loopback address (RFC 8252).
   * @returns null where the page itself goes there
   */
  signInOutside(): Promise<OutsideSignIn | null>;
  /**
   * Argon2id outside the page, where the host has it; the password in Unicode form NFKC.
   * @returns 32 bytes, or null: then the page's worker derives it
   */
  deriveKey(
    password: string,
    salt: Uint8Array<ArrayBuffer>,
    cost: KdfCost,
  ): Promise<Uint8Array<ArrayBuffer> | null>;
  /**
   * Prints the page, or one part of it, with the system's dialog.
   * @param section the part; everything outside it is left out
   */
  print(section?: Element): Promise<Result<'print'>>;
  /**
   * The page, or one part of it, as a tagged A4 document.
   * @returns null where the host makes none: the print dialog saves one there
   */
  pdf(section?: Element): Promise<Result<'printToPdf'> | null>;
  /** Calls back when the desk must be locked now. @returns ends it */
  onLock(callback: (reason: LockReason) => void): () => void;
  storage(): Promise<StorageState>;
  /** Asks that the data be kept when the disk gets full. @returns whether that is promised */
  persist(): Promise<boolean>;
  /** Takes the desk for this window, until the window closes. */
  holdDesk(): Promise<DeskHold>;
}

/** The host did not answer as agreed. `code` is stable; the page chooses the words. */
export class HostError extends Error {
  readonly code: 'bad-sender' | 'bad-args' | 'failed';

  constructor(code: HostError['code']) {
    super(`host: ${code}`);
    this.name = 'HostError';
    this.code = code;
  }
}
