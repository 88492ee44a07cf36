import { liveValue, type Live } from './live.ts';
import type { PendingOps } from './desk/pending.ts';
import type { Progress, SyncState } from './db/syncTypes.ts';
import type { LinkState } from './net/link.ts';

/** What the data layer tells about synchronisation (ux.md 1.1). Instants are UTC ISO strings. */
export interface SyncStatus {
  readonly link: LinkState;
  readonly hasSynced: boolean;
  readonly lastPulledAt: string | null;
  readonly lastPushedAt: string | null;
  readonly downloading: Progress | null;
  readonly uploading: Progress | null;
  readonly pendingOps: number;
  readonly oldestPendingAt: string | null;
  readonly rejectedOps: number;
  /** Own changes that a manager decides about (docs/adr/0007). */
  readonly heldOps: number;
  readonly conflicts: number;
  /** Part of the granted storage in use, 0 to 100. */
  readonly storagePct: number;
  /** The audit log of the service is not the one that this desk has seen. */
  readonly logAlarm: boolean;
}

/** From what the status is computed. */
export interface StatusSources {
  readonly link: Live<LinkState>;
  readonly sync: Live<SyncState>;
  readonly pending: Live<PendingOps>;
  readonly conflicts: Live<readonly unknown[]>;
  readonly rejections: Live<readonly { readonly rejection: { readonly code: string } }[]>;
  readonly storagePct: Live<number>;
  readonly logWitness: Live<{ readonly alarm: object | null }>;
  /** False for roles whose desk holds nothing: there is no first sync to wait for. */
  readonly replicates: boolean;
}

export const NO_STATUS: SyncStatus = {
  link: 'connecting',
  hasSynced: false,
  lastPulledAt: null,
  lastPushedAt: null,
  downloading: null,
  uploading: null,
  pendingOps: 0,
  oldestPendingAt: null,
  rejectedOps: 0,
  heldOps: 0,
  conflicts: 0,
  storagePct: 0,
  logAlarm: false,
};

/**
 * The status as one value. It is derived from what the desk holds and what the service has answered, never from "a
 * request went well": `Sinhronizēts` needs a first sync, a usable link and nothing unanswered.
 */
export function createStatus(sources: StatusSources): { readonly status: Live<SyncStatus>; close(): void } {
  let now = NO_STATUS;
  const status = liveValue(now);
  const update = (change: Partial<SyncStatus>): void => {
    now = { ...now, ...change };
    status.set(now);
  };
  const ends = [
    sources.link.subscribe((link) => {
      update({ link });
    }),
    sources.sync.subscribe((state) => {
      update({ ...state, hasSynced: state.hasSynced || !sources.replicates });
    }),
    sources.pending.subscribe(({ count, oldestAt }) => {
      update({ pendingOps: count, oldestPendingAt: oldestAt });
    }),
    sources.conflicts.subscribe(({ length }) => {
      update({ conflicts: length });
    }),
    sources.rejections.subscribe((records) => {
      const heldOps = records.filter(({ rejection }) => rejection.code === 'quarantined').length;
      update({ rejectedOps: records.length - heldOps, heldOps });
    }),
    sources.storagePct.subscribe((storagePct) => {
      update({ storagePct });
    }),
    sources.logWitness.subscribe(({ alarm }) => {
      update({ logAlarm: alarm !== null });
    }),
  ];
  return {
    status,
    close() {
      for (const end of ends) end();
    },
  };
}
