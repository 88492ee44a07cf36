import { COLLECTIONS, collectionOf, type Collection } from '@sivis/shared/docs/kinds.ts';
import { createPullHandler, type LocalCheckpoint } from '../core/pullHandler.ts';
import { giveUp, missedRemovals, rejectionsOf, removed, waitInVain } from '../core/reconcile.ts';
import { DESK_LIMITS } from '../limits.ts';
import { whenTrue } from './gate.ts';
import { toRow } from './schema.ts';
import type { SyncContext } from './syncContext.ts';

/** From so many documents on a removal of more than half of the desk asks first. */
const ASK_FROM = 20;

/** What heals a desk that missed something. */
export interface DeskReconciler {
  /** Compares ids with the service: what is missing is fetched, what may no longer be here is erased. */
  readonly reconcile: () => Promise<void>;
  /** The same when the last time is a day ago; a failure is tried again at the next time. */
  readonly reconcileWhenDue: () => Promise<void>;
  /** Reads a whole collection again beside RxDB's own position, and hands it over as events of the stream. */
  readonly pullAll: (collection: Collection) => Promise<void>;
}

export function createDeskReconciler(context: SyncContext): DeskReconciler {
  const { store, marks, calls, link, clock, events, streams, unanswered } = context;

  /** Returns the ids that the service lists, or `null` before the first sync. */
  async function reconcileOne(
    collection: Collection,
    signal: AbortSignal,
  ): Promise<ReadonlySet<string> | null> {
    if (marks.get(collection).firstSyncedAt === null) return null;
    const ids = await calls.ids(collection, signal);
    const gone = missedRemovals(store.all(collection), ids);
    const missing = [...ids].filter((id) => store.get(collection, id) === undefined);
    if (gone.length * 2 > store.count(collection) && gone.length >= ASK_FROM) {
      await context.consent(collection, gone.length, store.count(collection));
    }
    const checkpoint = context.checkpoints[collection];
    if (gone.length > 0 && checkpoint !== null) {
      streams[collection].next({ documents: gone.map((doc) => toRow(removed(doc))), checkpoint });
    }
    if (missing.length > 0) await pullAll(collection);
    events.emit({ event: 'reconcile', collection, count: gone.length + missing.length });
    await marks.set(collection, { reconciledAt: context.now() });
    return ids;
  }

  async function reconcile(): Promise<void> {
    const signal = context.signal();
    await whenTrue(link.usable, signal);
    const listed: ReadonlySet<string>[] = [];
    for (const collection of COLLECTIONS) {
      const ids = await reconcileOne(collection, signal).catch((error: unknown) => {
        context.failed(collection, error);
        throw error;
      });
      if (ids !== null) listed.push(ids);
    }
    if (listed.length === COLLECTIONS.length) await giveUpInVain((id) => listed.some((ids) => ids.has(id)));
  }

  /** What waits for documents that will never come goes to the inbox of rejections, with its content. */
  async function giveUpInVain(atService: (id: string) => boolean): Promise<void> {
    const everything = COLLECTIONS.flatMap((collection) => [...store.all(collection)]);
    const lost = waitInVain(everything, atService);
    if (lost.length === 0) return;
    const records = lost.flatMap(rejectionsOf);
    const filed = new Set(records.map((record) => record.id));
    await context.file(records);
    for (const collection of COLLECTIONS) {
      const ids = lost.filter((doc) => collectionOf(doc.kind) === collection).map((doc) => doc.id);
      if (ids.length === 0) continue;
      await store.rewrite(collection, ids, (doc) =>
        doc === undefined ? undefined : giveUp(doc, filed, atService),
      );
    }
  }

  async function pullAll(collection: Collection): Promise<void> {
    const handler = createPullHandler(
      collection,
      {
        fetch: (_, request) => calls.pull(collection, request, context.signal()),
        local: (_, ids) => Promise.resolve(ids.flatMap((id) => store.pending(collection).get(id) ?? [])),
        highWater: () => Promise.resolve(null),
        setHighWater: () => Promise.resolve(),
        consentToRemoval: (_, removals, held) => context.consent(collection, removals, held),
        resync: () => Promise.resolve(),
        received: () => Promise.resolve(),
        parked(_, ids) {
          unanswered.park(collection, ids);
          unanswered.retrySoon();
        },
      },
      context.arrivals[collection],
    );
    // RxDB keeps its own position: one of this reading would hide from its next pull that the service was restored.
    const own = context.checkpoints[collection];
    if (own === null) {
      streams[collection].next('RESYNC');
      return;
    }
    events.emit({ event: 'repull', collection });
    for (let checkpoint: LocalCheckpoint | null = null; ;) {
      const page = await handler(checkpoint, DESK_LIMITS.replicationRows);
      if (page.documents.length === 0 || page.checkpoint === null) return;
      checkpoint = page.checkpoint;
      streams[collection].next({ documents: page.documents.map(toRow), checkpoint: own });
      if (!page.more) return;
    }
  }

  return {
    reconcile,
    pullAll,
    async reconcileWhenDue() {
      if (context.abort === null) return;
      const due = COLLECTIONS.some((collection) => {
        const { reconciledAt, firstSyncedAt } = marks.get(collection);
        const last = reconciledAt ?? firstSyncedAt;
        return last !== null && clock.now() - Date.parse(last) > DESK_LIMITS.reconcileMs;
      });
      if (due) await reconcile().catch(() => undefined);
    },
  };
}
