import type { Tone } from '../icon.ts';

/** How the desk stands to the service. */
export type SyncLink =
  'online' | 'connecting' | 'offline' | 'serverDown' | 'authRequired' | 'versionBlocked' | 'clockSkew';

export interface SyncProgress {
  readonly done: number;
  readonly total: number;
}

/** What the data layer tells about synchronisation; instants are UTC ISO strings. */
export interface SyncStatus {
  readonly link: SyncLink;
  /** False until this desk has received everything it may hold once. */
  readonly hasSynced: boolean;
  readonly lastPulledAt: string | null;
  readonly lastPushedAt: string | null;
  readonly downloading: SyncProgress | null;
  readonly uploading: SyncProgress | null;
  /** Own changes the service has not acknowledged. */
  readonly pendingOps: number;
  readonly oldestPendingAt: string | null;
  /** Own changes the service refused and nobody has dealt with. */
  readonly rejectedOps: number;
  /** Own changes that a manager decides about, because the right to them was lost meanwhile. */
  readonly heldOps?: number;
  /** Same-field clashes that wait for a choice of this person. */
  readonly conflicts: number;
  /** Part of the granted storage in use, 0 to 100. */
  readonly storagePct: number;
  /** The service's audit log is not the one that this desk has seen. */
  readonly logAlarm?: boolean;
}

/** The word to show: a key, so that the language is the caller's. */
export type SyncWord =
  | 'synced'
  | 'syncing'
  | 'waiting'
  | 'connecting'
  | 'offline'
  | 'offlinePending'
  | 'neverSynced'
  | 'serverDown'
  | 'authRequired'
  | 'versionBlocked'
  | 'clockSkew'
  | 'rejected'
  | 'conflicts'
  | 'held'
  | 'storage'
  | 'logAlarm';

export type SyncIcon =
  | 'check'
  | 'refresh'
  | 'offline'
  | 'warning'
  | 'key'
  | 'upgrade'
  | 'clock'
  | 'rejected'
  | 'conflict'
  | 'storage';

/** What the second, lighter text says. */
export type SyncDetail =
  | { readonly kind: 'none' }
  | { readonly kind: 'lastSynced'; readonly at: string }
  | { readonly kind: 'waitsLong'; readonly since: string }
  | { readonly kind: 'percent'; readonly value: number };

export interface PresentedSync {
  readonly icon: SyncIcon;
  readonly word: SyncWord;
  readonly tone: Tone;
  /** The number in the word: changes that wait, were refused or clash; 0 where there is none. */
  readonly count: number;
  readonly progress: SyncProgress | null;
  readonly detail: SyncDetail;
}

export interface SyncPresentation {
  readonly main: PresentedSync;
  /** What also wants a decision and does not stand in `main`. */
  readonly attention: readonly PresentedSync[];
}

/** Changes that wait longer than this turn from "waits" to a warning. */
export const PENDING_WARN_MS = 24 * 3_600_000;

/** From this part of the storage on the desk says so, before a write can fail. */
export const STORAGE_WARN_PCT = 90;

const NONE: SyncDetail = { kind: 'none' };

/**
 * The one presentation of a synchronisation state: an icon, a word, a colour, a detail.
 * A blocked link comes first, because nothing moves until it is mended; what was refused or clashes comes first
 * while the link is well and stands beside the word otherwise. Violet (`sync`) is for own changes that others do
 * not see yet; colour is for what wants somebody to act.
 * @param now milliseconds since the epoch, by the service-corrected clock
 */
export function presentSync(status: SyncStatus, now: number): SyncPresentation {
  const pending = status.pendingOps;
  const waitsLong =
    pending > 0 &&
    status.oldestPendingAt !== null &&
    now - Date.parse(status.oldestPendingAt) > PENDING_WARN_MS;
  const lastAt = latest(status.lastPulledAt, status.lastPushedAt);
  const last: SyncDetail = lastAt === null ? NONE : { kind: 'lastSynced', at: lastAt };
  const wait: SyncDetail =
    waitsLong && status.oldestPendingAt !== null
      ? { kind: 'waitsLong', since: status.oldestPendingAt }
      : last;

  const rejected = item('rejected', 'rejected', 'danger', status.rejectedOps, NONE);
  const conflicts = item('conflict', 'conflicts', 'warn', status.conflicts, NONE);
  const attention: PresentedSync[] = [];
  if (status.logAlarm === true) attention.push(item('warning', 'logAlarm', 'danger', 0, NONE));
  if (status.rejectedOps > 0) attention.push(rejected);
  if (status.conflicts > 0) attention.push(conflicts);
  const held = status.heldOps ?? 0;
  if (held > 0) attention.push(item('clock', 'held', 'info', held, NONE));
  if (status.storagePct >= STORAGE_WARN_PCT) {
    attention.push(item('storage', 'storage', 'warn', 0, { kind: 'percent', value: status.storagePct }));
  }

  switch (status.link) {
    case 'versionBlocked':
      return { main: item('upgrade', 'versionBlocked', 'warn', pending, wait), attention };
    case 'authRequired':
      return { main: item('key', 'authRequired', 'warn', pending, wait), attention };
    case 'clockSkew':
      return { main: item('clock', 'clockSkew', 'warn', pending, wait), attention };
    case 'serverDown':
      return { main: item('warning', 'serverDown', 'warn', pending, wait), attention };
    case 'offline':
      if (pending > 0) {
        return {
          main: item('offline', 'offlinePending', waitsLong ? 'warn' : 'sync', pending, wait),
          attention,
        };
      }
      if (!status.hasSynced) return { main: item('offline', 'neverSynced', 'warn', 0, NONE), attention };
      return { main: item('offline', 'offline', 'neutral', 0, last), attention };
    case 'connecting':
      return {
        main: item('refresh', 'connecting', pending > 0 ? 'sync' : 'neutral', pending, wait),
        attention,
      };
    case 'online':
      return online(status, wait, last, attention);
  }
}

function online(
  status: SyncStatus,
  wait: SyncDetail,
  last: SyncDetail,
  attention: readonly PresentedSync[],
): SyncPresentation {
  const [first, ...others] = attention;
  // Nothing is to be done about what waits for a manager, nor at once about a full disk.
  if (first !== undefined && first.word !== 'storage' && first.word !== 'held')
    return { main: first, attention: others };
  const moving = status.downloading ?? status.uploading;
  if (moving !== null || !status.hasSynced) {
    // "0/0" is no progress: nobody knows yet how much there is.
    const progress = moving !== null && moving.total > 0 ? moving : null;
    return { main: { ...item('refresh', 'syncing', 'info', 0, NONE), progress }, attention };
  }
  if (status.pendingOps > 0) {
    const tone = wait.kind === 'waitsLong' ? 'warn' : 'sync';
    return { main: item('refresh', 'waiting', tone, status.pendingOps, wait), attention };
  }
  return { main: item('check', 'synced', 'neutral', 0, last), attention };
}

function item(icon: SyncIcon, word: SyncWord, tone: Tone, count: number, detail: SyncDetail): PresentedSync {
  return { icon, word, tone, count, progress: null, detail };
}

function latest(a: string | null, b: string | null): string | null {
  if (a === null) return b;
  if (b === null) return a;
  return a > b ? a : b;
}
