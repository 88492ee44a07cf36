import { COLLECTIONS, type Collection } from '@sivis/shared/docs/kinds.ts';
import type { HighWater } from '../core/pullHandler.ts';
import type { Outbox } from './outbox.ts';

/** What the desk remembers of the sync of one collection. */
export interface SyncMark {
  readonly highWater: HighWater | null;
  /** When everything was received for the first time. */
  readonly firstSyncedAt: string | null;
  readonly pulledAt: string | null;
  readonly pushedAt: string | null;
  /** When the ids were last compared with the service's. */
  readonly reconciledAt: string | null;
}

const EMPTY: SyncMark = {
  highWater: null,
  firstSyncedAt: null,
  pulledAt: null,
  pushedAt: null,
  reconciledAt: null,
};

export interface SyncMarks {
  get(collection: Collection): SyncMark;
  /** Durable when it resolves. */
  set(collection: Collection, change: Partial<SyncMark>): Promise<void>;
}

const idOf = (collection: Collection): string => `mark.${collection}`;

/** The marks of all collections, read once. */
export async function openSyncMarks(outbox: Outbox): Promise<SyncMarks> {
  const marks = new Map<Collection, SyncMark>();
  for (const collection of COLLECTIONS) {
    marks.set(collection, { ...EMPTY, ...(await outbox.get<SyncMark>(idOf(collection))) });
  }
  const get = (collection: Collection): SyncMark => marks.get(collection) ?? EMPTY;
  return {
    get,
    async set(collection, change) {
      const next = { ...get(collection), ...change };
      marks.set(collection, next);
      await outbox.put([{ id: idOf(collection), kind: 'highWater', data: next }]);
    },
  };
}
