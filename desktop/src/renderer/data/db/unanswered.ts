import { COLLECTIONS, type Collection } from '@sivis/shared/docs/kinds.ts';
import { retry } from '../core/requeue.ts';
import type { Live } from '../live.ts';
import type { Timers } from '../net/timers.ts';
import type { DocStore } from './docStore.ts';
import { each } from './syncTypes.ts';

/** Waiting operations are pushed again that soon after something arrived or was answered. */
export const RETRY_SOON_MS = 300;

/** Documents with operations that RxDB takes for sent and the service has not answered. */
export interface Unanswered {
  /** Those that wait for something at the service, by collection. */
  readonly parked: Readonly<Record<Collection, ReadonlySet<string>>>;
  park(collection: Collection, ids: Iterable<string>): void;
  /** The push of these begins; the returned function ends it. */
  sending(collection: Collection, ids: readonly string[]): () => void;
  /** Pushes what is parked again in a moment, many wishes together once. */
  retrySoon(): void;
  /** Pushes again whatever has no answer and is not under way. */
  retryAll(): Promise<void>;
  stop(): void;
}

export function createUnanswered(ports: {
  readonly store: DocStore;
  readonly timers: Timers;
  readonly usable: Live<boolean>;
  readonly running: () => boolean;
}): Unanswered {
  const { store, timers, running } = ports;
  const parked = each(() => new Set<string>());
  const inFlight = each(() => new Set<string>());
  let soon: unknown = null;

  async function retryThese(idsOf: (collection: Collection) => Iterable<string>): Promise<void> {
    for (const collection of COLLECTIONS) {
      if (!running()) return;
      const ids = [...idsOf(collection)].filter((id) => !inFlight[collection].has(id));
      if (ids.length === 0) continue;
      for (const id of ids) parked[collection].delete(id);
      await store.rewrite(collection, ids, (doc) => (doc === undefined ? undefined : retry(doc)));
    }
  }

  function usable(): boolean {
    let now = false;
    ports.usable.subscribe((value) => {
      now = value;
    })();
    return now;
  }

  return {
    parked,
    park(collection, ids) {
      for (const id of ids) parked[collection].add(id);
    },
    sending(collection, ids) {
      for (const id of ids) {
        parked[collection].delete(id);
        inFlight[collection].add(id);
      }
      return () => {
        for (const id of ids) inFlight[collection].delete(id);
      };
    },
    retrySoon() {
      if (soon !== null || !running()) return;
      soon = timers.set(() => {
        soon = null;
        void retryThese((collection) => parked[collection]);
      }, RETRY_SOON_MS);
    },
    // While a push of a collection runs, what stands behind it in RxDB's queue is not lost.
    retryAll: () =>
      retryThese((collection) =>
        usable() && inFlight[collection].size === 0 ? store.pending(collection).keys() : parked[collection],
      ),
    stop() {
      if (soon !== null) timers.clear(soon);
      soon = null;
    },
  };
}
