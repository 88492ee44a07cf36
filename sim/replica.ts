import { sameState, type LocalDoc } from '../desktop/src/renderer/data/core/localDoc.ts';
import type { HighWater, LocalCheckpoint } from '../desktop/src/renderer/data/core/pullHandler.ts';
import type { PushHandler } from '../desktop/src/renderer/data/core/pushHandler.ts';
import type { OutboxRecord } from '../desktop/src/renderer/data/core/records.ts';

/**
 * What a desk has on disk for one collection, and the two loops of RxDB's replication protocol over it (upstream and
 * downstream, as read in rxdb 17.6 `replication-protocol/`): the same questions in the same order, without IndexedDB.
 * Everything here survives a crash of the desk; the handlers do not.
 */
export interface Replica {
  readonly docs: Map<string, LocalDoc>;
  readonly assumed: Map<string, LocalDoc>;
  checkpoint: LocalCheckpoint | null;
  highWater: HighWater | null;
}

export function createReplica(): Replica {
  return { docs: inOrderOfWriting(), assumed: new Map(), checkpoint: null, highWater: null };
}

/** RxDB pushes what was written last last: so do these documents stand. */
function inOrderOfWriting(): Map<string, LocalDoc> {
  const docs = new Map<string, LocalDoc>();
  const put = docs.set.bind(docs);
  docs.set = (id, doc) => {
    docs.delete(id);
    return put(id, doc);
  };
  return docs;
}

/** Documents that RxDB would push now. */
export function unsent(replica: Replica): LocalDoc[] {
  return [...replica.docs.values()].filter((doc) => {
    const assumed = replica.assumed.get(doc.id);
    return assumed === undefined || !sameState(assumed, doc);
  });
}

/** Where a step of the disk ends: other work of the desk may come between, and the process may die there (throws). */
export type Step = (where: string) => Promise<void>;

/** One round of RxDB's upstream. */
export async function upstream(
  replica: Replica,
  handler: PushHandler,
  batch: number,
  step: Step,
): Promise<boolean> {
  const rows = unsent(replica).slice(0, batch);
  const metas = new Map(rows.map((row) => [row.id, replica.assumed.get(row.id)]));
  // RxDB writes a meta document from the one that it read; who was overtaken is left alone.
  const assume = (id: string, doc: LocalDoc): void => {
    if (replica.assumed.get(id) === metas.get(id)) replica.assumed.set(id, doc);
  };
  if (rows.length === 0) return false;
  const conflicts = await handler.push(rows);
  await step('after push');
  const byId = new Map(conflicts.map((doc) => [doc.id, doc]));
  for (const row of rows) {
    const master = byId.get(row.id);
    if (master === undefined) {
      assume(row.id, row);
      await step('between metas');
      continue;
    }
    const resolved = handler.resolve(row, master);
    await step('between resolve and document');
    // A document that was written meanwhile is left alone (RxDB's 409); it is pushed again as it is now.
    if (replica.docs.get(row.id) !== row) continue;
    replica.docs.set(row.id, resolved);
    await step('between document and meta');
    assume(row.id, master);
  }
  return true;
}

/** One page of RxDB's downstream. Returns whether more is ready. */
export async function downstream(
  replica: Replica,
  pull: (
    checkpoint: LocalCheckpoint | null,
    limit: number,
  ) => Promise<{ documents: LocalDoc[]; checkpoint: LocalCheckpoint | null; more: boolean }>,
  limit: number,
  step: Step,
): Promise<boolean> {
  const page = await pull(replica.checkpoint, limit);
  await step('after page');
  for (const master of page.documents) {
    const fork = replica.docs.get(master.id);
    const assumed = replica.assumed.get(master.id);
    if (fork !== undefined && (assumed === undefined || !sameState(assumed, fork))) continue;
    if (fork !== undefined && sameState(fork, master)) {
      replica.assumed.set(master.id, master);
      continue;
    }
    if (fork === undefined && master.deleted) continue;
    await step('between reading and document');
    if (replica.docs.get(master.id) !== fork) continue;
    replica.docs.set(master.id, master);
    await step('between document and meta');
    if (replica.assumed.get(master.id) === assumed) replica.assumed.set(master.id, master);
  }
  await step('between documents and checkpoint');
  if (page.documents.length > 0) replica.checkpoint = page.checkpoint;
  return page.more;
}

/** The durable records of a desk beside its documents. */
export type Outbox = Map<string, OutboxRecord>;
