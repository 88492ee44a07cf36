import { COLLECTIONS, type Collection } from '@sivis/shared/docs/kinds.ts';
import { liveValue, type Live } from '../live.ts';
import type { SyncMarks } from './syncMarks.ts';
import { each, type Progress, type SyncState } from './syncTypes.ts';

/** What is under way, as the status shows it. */
export interface SyncTraffic {
  readonly state: Live<SyncState>;
  pulling(collection: Collection): void;
  /** A page came: how many documents it has, and how many the service holds for this desk. */
  page(collection: Collection, documents: number, held: number): void;
  /** The pull is through, or failed. */
  pullEnded(collection: Collection): void;
  pushing(collection: Collection, documents: number): void;
  pushEnded(collection: Collection): void;
  /** Nothing is under way any more. */
  clear(): void;
}

/** Keeps count of pulls and pushes. The marks say what is through already and outlive the program. */
export function createSyncTraffic(marks: SyncMarks): SyncTraffic {
  const pulls = new Set<Collection>();
  const pushes = new Map<Collection, number>();
  const received = each(() => 0);
  const held = each(() => 0);
  const state = liveValue(read());

  /** Only the first time is long enough to be counted; afterwards a notice brings a handful out of thousands. */
  function downloading(): Progress | null {
    if (pulls.size === 0) return null;
    const first = COLLECTIONS.filter((collection) => marks.get(collection).firstSyncedAt === null);
    const sum = (of: (collection: Collection) => number): number =>
      first.reduce((total, collection) => total + of(collection), 0);
    return {
      done: sum((collection) => received[collection]),
      total: sum((collection) => Math.max(held[collection], received[collection])),
    };
  }

  function read(): SyncState {
    const all = COLLECTIONS.map((collection) => marks.get(collection));
    const uploading = [...pushes.values()].reduce((sum, count) => sum + count, 0);
    return {
      hasSynced: all.every((mark) => mark.firstSyncedAt !== null),
      lastPulledAt: latest(all.map((mark) => mark.pulledAt)),
      lastPushedAt: latest(all.map((mark) => mark.pushedAt)),
      downloading: downloading(),
      uploading: uploading === 0 ? null : { done: 0, total: uploading },
    };
  }

  const publish = (): void => {
    state.set(read());
  };

  return {
    state,
    pulling(collection) {
      pulls.add(collection);
      publish();
    },
    page(collection, documents, heldNow) {
      received[collection] += documents;
      held[collection] = heldNow;
      publish();
    },
    pullEnded(collection) {
      pulls.delete(collection);
      received[collection] = 0;
      publish();
    },
    pushing(collection, documents) {
      pushes.set(collection, documents);
      publish();
    },
    pushEnded(collection) {
      pushes.delete(collection);
      publish();
    },
    clear() {
      pulls.clear();
      pushes.clear();
      publish();
    },
  };
}

function latest(values: readonly (string | null)[]): string | null {
  return values.reduce(
    (best, value) => (value !== null && (best === null || value > best) ? value : best),
    null,
  );
}
