import { COLLECTIONS, collectionOf, type Collection } from '@sivis/shared/docs/kinds.ts';
import {
  giveUp,
  missedRemovals,
  rejectionsOf,
  removed,
  waitInVain,
} from '../desktop/src/renderer/data/core/reconcile.ts';
import type { LocalDoc } from '../desktop/src/renderer/data/core/localDoc.ts';
import type { OutboxRecord } from '../desktop/src/renderer/data/core/records.ts';
import type { Replica, Step } from './replica.ts';

export interface ReconcilePorts {
  readonly replicas: Readonly<Record<Collection, Replica>>;
  /** What the service lets this desk hold. */
  readonly ids: (collection: Collection) => Promise<ReadonlySet<string>>;
  readonly file: (records: readonly OutboxRecord[]) => Promise<void>;
  readonly step: Step;
}

/** The daily comparison of ids, in the order in which the product's desk does it. */
export async function reconcile({ replicas, ids, file, step }: ReconcilePorts): Promise<void> {
  const put = async (collection: Collection, doc: LocalDoc): Promise<void> => {
    const { docs, assumed } = replicas[collection];
    docs.set(doc.id, doc);
    await step('between document and meta');
    if (doc.ops.length === 0) assumed.set(doc.id, doc);
  };
  const listed: ReadonlySet<string>[] = [];
  for (const collection of COLLECTIONS) {
    const allowed = await ids(collection);
    await step('with ids');
    for (const doc of missedRemovals(replicas[collection].docs.values(), allowed)) {
      await step('before a removal');
      // RxDB leaves alone what was written meanwhile.
      if (replicas[collection].docs.get(doc.id) === doc) await put(collection, removed(doc));
    }
    listed.push(allowed);
  }
  const atService = (id: string): boolean => listed.some((allowed) => allowed.has(id));
  const lost = waitInVain(
    COLLECTIONS.flatMap((collection) => [...replicas[collection].docs.values()]),
    atService,
  );
  if (lost.length === 0) return;
  const records = lost.flatMap(rejectionsOf);
  await file(records);
  await step('after giving up');
  const filed = new Set(records.map((record) => record.id));
  for (const { id, kind } of lost) {
    const now = replicas[collectionOf(kind)].docs.get(id);
    if (now !== undefined) await put(collectionOf(kind), giveUp(now, filed, atService));
  }
}
