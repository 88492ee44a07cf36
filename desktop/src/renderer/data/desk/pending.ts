import { COLLECTIONS } from '@sivis/shared/docs/kinds.ts';
import type { DocStore } from '../db/docStore.ts';
import { liveValue, type Live } from '../live.ts';
import { batched, nextFrame, type Schedule } from './frame.ts';

/** Own changes that the service has not acknowledged. */
export interface PendingOps {
  readonly count: number;
  readonly oldestAt: string | null;
}

export interface PendingWatch {
  readonly pending: Live<PendingOps>;
  /** The numbers now, without waiting for the next notice. */
  read(): PendingOps;
  close(): void;
}

/** Counts unanswered operations of all documents, and watches them. */
export function watchPending(
  store: Pick<DocStore, 'pending' | 'changes'>,
  schedule: Schedule = nextFrame,
): PendingWatch {
  const read = (): PendingOps => {
    let count = 0;
    let oldestAt: string | null = null;
    for (const collection of COLLECTIONS) {
      for (const doc of store.pending(collection).values()) {
        count += doc.ops.length;
        for (const { at } of doc.ops) if (oldestAt === null || at < oldestAt) oldestAt = at;
      }
    }
    return { count, oldestAt };
  };
  const pending = liveValue(read());
  const update = batched(schedule, () => {
    const next = read();
    const now = pending.get();
    if (next.count !== now.count || next.oldestAt !== now.oldestAt) pending.set(next);
  });
  return { pending, read, close: store.changes.on(update) };
}
