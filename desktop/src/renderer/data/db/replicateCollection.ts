import type { Collection } from '@sivis/shared/docs/kinds.ts';
import type { WithDeleted } from 'rxdb';
import { replicateRxCollection, type RxReplicationState } from 'rxdb/plugins/replication';
import { isPending, type LocalDoc } from '../core/localDoc.ts';
import { createPullHandler, type LocalCheckpoint } from '../core/pullHandler.ts';
import { createPushHandler, type PushHandler } from '../core/pushHandler.ts';
import type { SentRecord } from '../core/records.ts';
import { requeueAll } from '../core/requeue.ts';
import { DESK_LIMITS } from '../limits.ts';
import { pause, whenTrue } from './gate.ts';
import { landed } from './landing.ts';
import { isSchemaRefusal } from './notWritten.ts';
import { fromRow, toRow, type DeskRow } from './schema.ts';
import type { SyncContext } from './syncContext.ts';
import { unsentReferences } from './syncPorts.ts';
import { RETRY_SOON_MS } from './unanswered.ts';

/** The first sync brings what other documents are shown with first: no stay is shown before its person is there. */
export const FIRST_SYNC_ORDER: readonly Collection[] = ['reference', 'people', 'lodging', 'work'];

export type Replication = RxReplicationState<DeskRow, LocalCheckpoint>;

/** One collection's handlers of `data/core`, and the way to connect them with RxDB. */
export interface CollectionSync {
  readonly pushHandler: PushHandler;
  /** Starts RxDB's replication; `broken` is called when the local schema refuses a document of the service. */
  replicate(abort: AbortController, broken: () => void): Replication;
  /** Forgets timers; the replication is ended by its owner. */
  stop(): void;
}

/** The sync of one collection. The handlers wait at the gate of the link, so that an offline desk is quiet. */
export function createCollectionSync(context: SyncContext, collection: Collection): CollectionSync {
  const { database, store, outbox, marks, calls, link, clock, timers, events, traffic, unanswered } = context;
  const arrivals = context.arrivals[collection];
  const stream = context.streams[collection];
  let lookBack: unknown = null;
  /** The last page of the present run that brought anything. */
  let onTheWay: readonly LocalDoc[] = [];

  /** A restored service lacks what was sent after its backup: answered operations become unanswered again. */
  async function pushAgain(): Promise<void> {
    events.emit({ event: 'resync', collection });
    const sent = (await outbox.all<SentRecord>('sent')).map(({ data }) => data);
    const changes = requeueAll(sent.filter((record) => record.collection === collection));
    await store.rewrite(collection, [...changes.keys()], (doc, id) => changes.get(id)?.(doc));
  }

  const pullHandler = createPullHandler(
    collection,
    {
      async fetch(_, request) {
        const page = await calls.pull(collection, request, context.signal());
        traffic.page(collection, page.documents.length, page.held);
        return page;
      },
      local: (_, ids) =>
        Promise.resolve(
          ids.flatMap((id) => store.get(collection, id) ?? store.pending(collection).get(id) ?? []),
        ),
      highWater: () => Promise.resolve(marks.get(collection).highWater),
      setHighWater: (_, highWater) => marks.set(collection, { highWater }),
      consentToRemoval: (_, removals, held) => context.consent(collection, removals, held),
      resync: pushAgain,
      received(_, page) {
        if (page.resync === 'rights') events.emit({ event: 'rights', collection });
        if (page.documents.length > 0)
          events.emit({ event: 'pull', collection, count: page.documents.length });
        return Promise.resolve();
      },
      parked(_, ids) {
        unanswered.park(collection, ids);
        unanswered.retrySoon();
      },
    },
    arrivals,
  );

  const pushHandler = createPushHandler(
    collection,
    {
      send: (_, rows) => calls.push(collection, rows, context.signal()),
      file: context.file,
      filedWhole: (opIds) => Promise.resolve(context.filedWhole(opIds)),
      docsOfGroup: (_, groupId) =>
        Promise.resolve(
          [...store.pending(collection).values()].filter((doc) =>
            doc.ops.some((op) => op.group?.id === groupId),
          ),
        ),
      parked(_, ids) {
        unanswered.park(collection, ids);
        events.emit({ event: 'parked', collection, count: ids.length });
      },
      now: context.now,
    },
    arrivals,
  );

  /** Waits for the documents of earlier collections; bounded, because the service can answer `waits` itself. */
  async function letEarlierGo(docs: readonly LocalDoc[], signal: AbortSignal): Promise<void> {
    const until = clock.now() + DESK_LIMITS.pushGateMs;
    while (clock.now() < until) {
      if (unsentReferences(collection, docs, store, (other) => unanswered.parked[other]).length === 0) return;
      await pause(50, signal);
    }
  }

  function lookBackSoon(): void {
    if (lookBack !== null) timers.clear(lookBack);
    lookBack = timers.set(() => {
      lookBack = null;
      if (context.abort !== null) stream.next('RESYNC');
    }, RETRY_SOON_MS);
  }

  async function push(rows: readonly WithDeleted<DeskRow>[]): Promise<WithDeleted<DeskRow>[]> {
    const signal = context.signal();
    const docs = rows.map((row) => fromRow(row));
    if (docs.length === 0) return [];
    const sent = unanswered.sending(
      collection,
      docs.map((doc) => doc.id),
    );
    try {
      await whenTrue(link.usable, signal);
      await letEarlierGo(docs, signal);
      traffic.pushing(collection, docs.filter(isPending).length);
      const masters = await pushHandler.push(docs);
      await marks.set(collection, { pushedAt: context.now() });
      events.emit({ event: 'push', collection, count: docs.length });
      if (masters.length > 0) unanswered.retrySoon();
      // A page may have met an older answer: the next run of pages looks whether it is on the desk.
      if (docs.some((doc) => arrivals.ids().includes(doc.id))) lookBackSoon();
      return masters.map(toRow);
    } finally {
      sent();
      traffic.pushEnded(collection);
    }
  }

  /** The last page was handed over: the pull is through when what it brought is on the desk. */
  async function arrive(signal: AbortSignal): Promise<void> {
    await landed(store, collection, onTheWay, timers, signal);
    onTheWay = [];
    if (signal.aborted) return;
    const at = context.now();
    await marks.set(collection, {
      pulledAt: at,
      firstSyncedAt: marks.get(collection).firstSyncedAt ?? at,
    });
    traffic.pullEnded(collection);
    context.firstDone[collection].set(true);
  }

  async function pull(checkpoint: LocalCheckpoint | undefined, limit: number) {
    const signal = context.signal();
    context.checkpoints[collection] = checkpoint ?? null;
    await whenTrue(link.usable, signal);
    if (checkpoint === undefined && marks.get(collection).highWater === null) {
      const before = FIRST_SYNC_ORDER.slice(0, FIRST_SYNC_ORDER.indexOf(collection));
      for (const other of before) await whenTrue(context.firstDone[other], signal);
    }
    traffic.pulling(collection);
    try {
      const page = await pullHandler(checkpoint, limit);
      if (page.checkpoint !== null) context.checkpoints[collection] = page.checkpoint;
      if (page.documents.length > 0) {
        onTheWay = page.documents;
        unanswered.retrySoon();
      }
      if (!page.more)
        void arrive(signal).catch((error: unknown) => {
          context.failed(collection, error);
        });
      return { documents: page.documents.map(toRow), checkpoint: page.checkpoint ?? undefined };
    } catch (error) {
      traffic.pullEnded(collection);
      throw error;
    }
  }

  return {
    pushHandler,
    replicate(abort, broken) {
      /** Once stopped, the replication is paused and takes any answer for none. */
      const orNone =
        <T>(none: T) =>
        (error: unknown): T => {
          context.failed(collection, error);
          if (abort.signal.aborted) return none;
          throw error;
        };
      const replication = replicateRxCollection<DeskRow, LocalCheckpoint>({
        replicationIdentifier: `sivis-${collection}`,
        collection: database.docs[collection],
        live: true,
        waitForLeadership: false,
        toggleOnDocumentVisible: false,
        retryTime: DESK_LIMITS.retryMs,
        autoStart: true,
        pull: {
          batchSize: DESK_LIMITS.replicationRows,
          stream$: stream,
          handler: (checkpoint, limit) =>
            pull(checkpoint, limit).catch(orNone({ documents: [], checkpoint: undefined })),
        },
        push: {
          batchSize: DESK_LIMITS.replicationRows,
          handler: (rows) => push(rows.map((row) => row.newDocumentState)).catch(orNone([])),
        },
      });
      replication.error$.subscribe((error) => {
        // A pulled document that the local schema refuses is skipped by RxDB for good: stop before that goes on.
        if (!isSchemaRefusal(error)) return;
        events.emit({ event: 'error', collection, code: 'SCHEMA' });
        link.report('versionBlocked');
        broken();
      });
      return replication;
    },
    stop() {
      if (lookBack !== null) timers.clear(lookBack);
      lookBack = null;
    },
  };
}
