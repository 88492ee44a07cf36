import { createSecretKey } from 'node:crypto';
import { collectionOf, COLLECTIONS, type Collection } from '@sivis/shared/docs/kinds.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import type { Clock } from '@sivis/shared/time/clock.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import type {
  PullRequest,
  PullResponse,
  PushResponse,
  PushRowResult,
} from '@sivis/shared/protocol/messages/sync.ts';
import type { Store, WriteTx } from '../store/store.ts';
import { replicaOf } from '../store/visibility.ts';
import type { ChangeEvent, SyncActor } from './env.ts';
import { needsNote, notePull, pullPage } from './pull.ts';
import { applyPush } from './push.ts';
import { personsOf } from './relations.ts';

/** A hand-over of documents to a desk, for the audit log (decision 10: one entry per reply and collection). */
export interface ReplicateEvent {
  readonly source: 'pull' | 'push';
  readonly collection: Collection;
  readonly deliveredIds: readonly string[];
  readonly personIds: readonly string[];
  readonly removedIds: readonly string[];
}

/** What the sync service stands on; the simulation gives its own clock, ids and log. `A` is what the log needs of a caller. */
export interface SyncDeps<A extends SyncActor> {
  readonly store: Store;
  readonly clock: Clock;
  readonly key: Buffer;
  newId(): string;
  recordChange(tx: WriteTx, actor: A, event: ChangeEvent): Promise<void>;
  recordReplicate(tx: WriteTx, actor: A, event: ReplicateEvent): Promise<void>;
}

export interface SyncService<A extends SyncActor> {
  /** One page. The hand-over is in the audit log before the reply: no entry, no data. */
  pull(actor: A, collection: Collection, request: PullRequest): Promise<PullResponse>;
  /** Answers for each row after the commit. */
  push(actor: A, collection: Collection, rows: readonly unknown[]): Promise<PushResponse>;
  /** Ids that the desk may hold (id reconciliation). */
  ids(
    actor: A,
    collection: Collection,
    after: string,
    limit: number,
  ): Promise<{ ids: string[]; more: boolean }>;
}

export function createSyncService<A extends SyncActor>(deps: SyncDeps<A>): SyncService<A> {
  const { store, clock } = deps;
  // Made once, as in the audit log: from bytes every HMAC would begin with making a key.
  const key = createSecretKey(deps.key);

  return {
    async pull(actor, collection, request) {
      const env = { nowMs: clock.now(), today: rigaDate(clock.now()), key };
      const { result, note } = await store.read(async (tx) => {
        const page = await pullPage(tx, actor, collection, request, env);
        return { result: page, note: await needsNote(tx, actor, collection, page) };
      });
      if (note) {
        await store.write(async (tx) => {
          await notePull(tx, actor, collection, result);
          if (result.deliveredIds.length === 0 && result.removals.length === 0) return;
          await deps.recordReplicate(tx, actor, {
            source: 'pull',
            collection,
            deliveredIds: result.deliveredIds,
            personIds: result.personIds,
            removedIds: result.removals.map((removal) => removal.id),
          });
        });
      }
      return result.response;
    },

    async push(actor, collection, rows) {
      const nowMs = clock.now();
      const operations = rows.reduce<number>((sum, row) => sum + opsIn(row), 0);
      if (operations > LIMITS.pushOps)
        throw new SivisError('TOO_LARGE', { operations, limit: LIMITS.pushOps });
      const answers = await store.write(async (tx) => {
        const results = await applyPush(tx, actor, collection, rows, {
          nowMs,
          today: rigaDate(nowMs),
          newId: () => deps.newId(),
          recordChange: (inner, _actor, event) => deps.recordChange(inner, actor, event),
        });
        await noteMasters(tx, actor, results, deps);
        return results;
      });
      return { rows: answers, serverTime: toInstant(nowMs) };
    },

    async ids(actor, collection, after, limit) {
      const visible = replicaOf(actor.subject, collection, rigaDate(clock.now()));
      const ids = await store.read((tx) => tx.visibleIds(collection, after, limit, visible));
      return { ids, more: ids.length === limit };
    },
  };
}

/** What the answers hand back is read by its author: it stands in the log and counts as held, as after a pull. */
async function noteMasters<A extends SyncActor>(
  tx: WriteTx,
  actor: A,
  results: readonly PushRowResult[],
  deps: Pick<SyncDeps<A>, 'recordReplicate'>,
): Promise<void> {
  const ids = new Set(results.flatMap(({ master }) => (master.deleted ? [] : [master.id])));
  if (ids.size === 0) return;
  await tx.markHeld({ deviceId: actor.deviceId, userId: actor.subject.userId }, [...ids]);
  const docs = await tx.docs([...ids]);
  for (const collection of COLLECTIONS) {
    const read = docs.filter((doc) => collectionOf(doc.kind) === collection);
    if (read.length === 0) continue;
    await deps.recordReplicate(tx, actor, {
      source: 'push',
      collection,
      deliveredIds: read.map((doc) => doc.id),
      personIds: [...new Set(read.flatMap((doc) => personsOf(doc.kind, doc.id, doc.fields)))],
      removedIds: [],
    });
  }
}

/** How many operations a row says it has, whatever else it is. */
function opsIn(row: unknown): number {
  const ops = typeof row === 'object' && row !== null ? (row as { ops?: unknown }).ops : undefined;
  return Array.isArray(ops) ? ops.length : 0;
}
