import { COLLECTIONS, type Collection } from '@sivis/shared/docs/kinds.ts';
import type { Clock } from '@sivis/shared/time/clock.ts';
import type { OutboxRecord } from '../core/records.ts';
import type { Live, Signal } from '../live.ts';
import type { Link } from '../net/link.ts';
import type { Timers } from '../net/timers.ts';
import type { DeskDatabase } from './database.ts';
import type { DocStore } from './docStore.ts';
import type { Outbox } from './outbox.ts';
import type { SyncMarks } from './syncMarks.ts';
import type { SyncCalls } from './syncPorts.ts';

export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** What sync tells about itself; the rest of the status is the link's and the outbox's. */
export interface SyncState {
  /** Everything that this desk may hold was received once, and is on the desk. */
  readonly hasSynced: boolean;
  readonly lastPulledAt: string | null;
  readonly lastPushedAt: string | null;
  /** `total` 0: nobody knows how much there is. */
  readonly downloading: Progress | null;
  readonly uploading: Progress | null;
}

/** A removal of more than half of what the desk holds: a human is asked first (decision 4). */
export interface RemovalQuestion {
  readonly collection: Collection;
  readonly removals: number;
  readonly held: number;
}

/** What happened, for the sync log: codes and counts, never content. */
export interface SyncEvent {
  readonly event:
    'pull' | 'push' | 'error' | 'parked' | 'reconcile' | 'repull' | 'resync' | 'rights' | 'consent';
  readonly collection: Collection;
  readonly count?: number;
  readonly code?: string;
}

export interface SyncPorts {
  readonly database: DeskDatabase;
  readonly store: DocStore;
  readonly outbox: Outbox;
  readonly marks: SyncMarks;
  readonly calls: SyncCalls;
  readonly link: Pick<Link, 'usable' | 'report'>;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Keeps what the push handler files. */
  readonly file: (records: readonly OutboxRecord[]) => Promise<void>;
  /** Which of the operations are on file whole. */
  readonly filedWhole: (opIds: readonly string[]) => ReadonlySet<string>;
}

export interface Sync {
  readonly state: Live<SyncState>;
  readonly question: Live<RemovalQuestion | null>;
  readonly events: Signal<SyncEvent>;
  readonly start: () => Promise<void>;
  /** Ends all traffic; resolves when nothing runs any more. */
  readonly stop: () => Promise<void>;
  /** Something changed at the service; asks for it. */
  readonly touch: (collections: readonly Collection[]) => void;
  /** Resolves when all has been asked for and sent once, or the link is not usable. */
  readonly syncNow: () => Promise<void>;
  /** Compares ids with the service: what is missing is fetched, what may no longer be here is erased. */
  readonly reconcile: () => Promise<void>;
  /** Fetches everything of a collection again (a document was found damaged). */
  readonly repull: (collection: Collection) => void;
  /** The answer to {@link Sync.question}. */
  readonly answerRemoval: (agreed: boolean) => void;
}

/** One of something for each collection. */
export function each<T>(make: (collection: Collection) => T): Record<Collection, T> {
  return Object.fromEntries(COLLECTIONS.map((name) => [name, make(name)])) as Record<Collection, T>;
}
