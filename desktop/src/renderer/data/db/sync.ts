import { COLLECTIONS, collectionOf, type Collection } from '@sivis/shared/docs/kinds.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { toInstant, type Clock } from '@sivis/shared/time/clock.ts';
import { replicateRxCollection, type RxReplicationState } from 'rxdb/plugins/replication';
import type { RxReplicationPullStreamItem, WithDeleted } from 'rxdb';
import { Subject } from 'rxjs';
import { createArrivals } from '../core/arrivals.ts';
import { isPending, type LocalDoc } from '../core/localDoc.ts';
import { createPullHandler, type LocalCheckpoint, type PullPorts } from '../core/pullHandler.ts';
import { createPushHandler, type PushHandler } from '../core/pushHandler.ts';
import { giveUp, missedRemovals, rejectionsOf, removed, waitInVain } from '../core/reconcile.ts';
import type { OutboxRecord, SentRecord } from '../core/records.ts';
import { requeueAll, retry } from '../core/requeue.ts';
import { DESK_LIMITS } from '../limits.ts';
import { emitter, liveValue, type Live, type Signal } from '../live.ts';
import { NoAnswerError } from '../net/failure.ts';
import type { Link } from '../net/link.ts';
import type { Timers } from '../net/timers.ts';
import type { DeskDatabase } from './database.ts';
import type { DocStore } from './docStore.ts';
import { pause, StoppedError, whenTrue } from './gate.ts';
import type { Outbox } from './outbox.ts';
import { fromRow, toRow, type DeskRow } from './schema.ts';
import { unsentReferences, type SyncCalls } from './syncPorts.ts';
import type { SyncMarks } from './syncMarks.ts';

export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** What sync tells about itself; the rest of the status is the link's and the outbox's. */
export interface SyncState {
  /** Everything that this desk may hold was received once. */
  readonly hasSynced: boolean;
  readonly lastPulledAt: string | null;
  readonly lastPushedAt: string | null;
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
  readonly event: 'pull' | 'push' | 'error' | 'parked' | 'reconcile' | 'repull' | 'resync' | 'consent';
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

/** The first sync brings what other documents are shown with first; the desk is usable meanwhile. */
export const FIRST_SYNC_ORDER: readonly Collection[] = ['reference', 'lodging', 'people', 'work'];

/** After a refusal the question is asked again not sooner than this. */
const REFUSED_PAUSE_MS = 60_000;

/** Waiting operations are pushed again that soon after something arrived or was answered. */
const RETRY_SOON_MS = 300;

type StreamItem = RxReplicationPullStreamItem<DeskRow, LocalCheckpoint>;
type Replication = RxReplicationState<DeskRow, LocalCheckpoint>;

/**
 * Connects the handlers of `data/core` with RxDB's replication: one replication per collection, our own endpoint,
 * notices as `RESYNC`. RxDB's handlers wait at the gate of the link, so that an offline desk is quiet.
 */
export function createSync(ports: SyncPorts): Sync {
  const { database, store, outbox, marks, calls, link, clock, timers } = ports;
  const events = emitter<SyncEvent>();
  const question = liveValue<RemovalQuestion | null>(null);
  const state = liveValue<SyncState>(readState());
  const parked = each(() => new Set<string>());
  /** Documents whose push is not answered yet. */
  const inFlight = each(() => new Set<string>());
  const arrivals = each(createArrivals);
  const streams = each(() => new Subject<StreamItem>());
  const checkpoints = each<LocalCheckpoint | null>(() => null);
  const firstDone = each(() => liveValue(false));
  const pulled = each(() => 0);
  const held = each(() => 0);
  const loading = new Set<Collection>();
  const sending = new Map<Collection, number>();
  /** Questions that nobody has answered yet; the first one is shown. */
  const asked: { readonly question: RemovalQuestion; readonly answer: (agreed: boolean) => void }[] = [];
  let run: { readonly abort: AbortController; readonly replications: Replication[] } | null = null;
  let retryTimer: unknown = null;
  let retrySoon: unknown = null;
  const lookBack = each<unknown>(() => null);

  const now = (): string => toInstant(clock.now());

  function readState(): SyncState {
    const all = COLLECTIONS.map((collection) => marks.get(collection));
    return {
      hasSynced: all.every((mark) => mark.firstSyncedAt !== null),
      lastPulledAt: latest(all.map((mark) => mark.pulledAt)),
      lastPushedAt: latest(all.map((mark) => mark.pushedAt)),
      downloading: null,
      uploading: null,
    };
  }

  function publish(): void {
    const downloading = [...loading];
    const uploading = [...sending.values()].reduce((sum, count) => sum + count, 0);
    state.set({
      ...readState(),
      downloading:
        downloading.length === 0
          ? null
          : {
              done: downloading.reduce((sum, collection) => sum + pulled[collection], 0),
              total: downloading.reduce(
                (sum, collection) => sum + Math.max(held[collection], pulled[collection]),
                0,
              ),
            },
      uploading: uploading === 0 ? null : { done: 0, total: uploading },
    });
  }

  const signalOf = (): AbortSignal => {
    if (run === null) throw new StoppedError();
    return run.abort.signal;
  };

  function failed(collection: Collection, error: unknown): void {
    if (error instanceof StoppedError) return;
    if (error instanceof NoAnswerError && error.code === 'ABORTED') return;
    if (error instanceof SivisError && error.code === 'CLIENT_TOO_OLD') link.report('versionBlocked');
    events.emit({ event: 'error', collection, code: codeOf(error) });
  }

  function consent(collection: Collection, removals: number, total: number): Promise<void> {
    const signal = signalOf();
    events.emit({ event: 'consent', collection, count: removals });
    return new Promise((resolve, reject) => {
      const entry = {
        question: { collection, removals, held: total },
        answer: (agreed: boolean): void => {
          asked.splice(asked.indexOf(entry), 1);
          question.set(asked[0]?.question ?? null);
          signal.removeEventListener('abort', stop);
          if (agreed) resolve();
          else
            pause(REFUSED_PAUSE_MS, signal).then(() => reject(new Error('the removal was refused')), reject);
        },
      };
      const stop = (): void => {
        entry.answer(false);
      };
      signal.addEventListener('abort', stop, { once: true });
      asked.push(entry);
      if (asked[0] === entry) question.set(entry.question);
    });
  }

  /** A restored service lacks what was sent after its backup: answered operations become unanswered again. */
  async function pushAgain(collection: Collection): Promise<void> {
    events.emit({ event: 'resync', collection });
    const sent = (await outbox.all<SentRecord>('sent')).map(({ data }) => data);
    const changes = requeueAll(sent.filter((record) => record.collection === collection));
    await store.rewrite(collection, [...changes.keys()], (doc, id) => changes.get(id)?.(doc));
  }

  const park: PullPorts['parked'] = (collection, ids) => {
    for (const id of ids) parked[collection].add(id);
    retryParkedSoon();
  };

  const pullHandlerOf = (collection: Collection) =>
    createPullHandler(
      collection,
      {
        fetch: (_, request) =>
          calls.pull(collection, request, signalOf()).then((page) => {
            held[collection] = page.held;
            return page;
          }),
        local: (_, ids) =>
          Promise.resolve(
            ids.flatMap((id) => store.get(collection, id) ?? store.pending(collection).get(id) ?? []),
          ),
        highWater: () => Promise.resolve(marks.get(collection).highWater),
        setHighWater: (_, highWater) => marks.set(collection, { highWater }),
        consentToRemoval: consent,
        resync: pushAgain,
        async received(_, page) {
          pulled[collection] += page.documents.length;
          if (page.documents.length > 0)
            events.emit({ event: 'pull', collection, count: page.documents.length });
          if (!page.more) await arrived(collection);
        },
        parked: park,
      },
      arrivals[collection],
    );

  const pushHandlers = each<PushHandler>((collection) =>
    createPushHandler(
      collection,
      {
        send: (_, rows) => calls.push(collection, rows, signalOf()),
        file: ports.file,
        filedWhole: (opIds) => Promise.resolve(ports.filedWhole(opIds)),
        docsOfGroup: (_, groupId) =>
          Promise.resolve(
            [...store.pending(collection).values()].filter((doc) =>
              doc.ops.some((op) => op.group?.id === groupId),
            ),
          ),
        parked: (_, ids) => {
          for (const id of ids) parked[collection].add(id);
          events.emit({ event: 'parked', collection, count: ids.length });
        },
        now,
      },
      arrivals[collection],
    ),
  );
  database.resolveWith(
    each((collection) => (local, master) => pushHandlers[collection].resolve(local, master)),
  );

  /** Waits for the documents of earlier collections; bounded, because the service can answer `waits` itself. */
  async function letEarlierGo(
    collection: Collection,
    docs: readonly LocalDoc[],
    signal: AbortSignal,
  ): Promise<void> {
    const until = clock.now() + DESK_LIMITS.pushGateMs;
    while (clock.now() < until) {
      if (unsentReferences(collection, docs, store, (other) => parked[other]).length === 0) return;
      await pause(50, signal);
    }
  }

  async function push(
    collection: Collection,
    rows: readonly WithDeleted<DeskRow>[],
  ): Promise<WithDeleted<DeskRow>[]> {
    const signal = signalOf();
    const docs = rows.map((row) => fromRow(row));
    if (docs.length === 0) return [];
    for (const doc of docs) {
      parked[collection].delete(doc.id);
      inFlight[collection].add(doc.id);
    }
    try {
      await whenTrue(link.usable, signal);
      await letEarlierGo(collection, docs, signal);
      sending.set(collection, docs.filter(isPending).length);
      publish();
      const masters = await pushHandlers[collection].push(docs);
      await marks.set(collection, { pushedAt: now() });
      events.emit({ event: 'push', collection, count: docs.length });
      if (masters.length > 0) retryParkedSoon();
      // A page may have met an older answer: the next run of pages looks whether it is on the desk.
      if (docs.some((doc) => arrivals[collection].ids().includes(doc.id))) lookBackSoon(collection);
      return masters.map(toRow);
    } finally {
      for (const doc of docs) inFlight[collection].delete(doc.id);
      sending.delete(collection);
      publish();
    }
  }

  function pullOf(collection: Collection) {
    const handler = pullHandlerOf(collection);
    const place = FIRST_SYNC_ORDER.indexOf(collection);
    const before = FIRST_SYNC_ORDER.slice(0, place);
    return async (checkpoint: LocalCheckpoint | undefined, limit: number) => {
      const signal = signalOf();
      checkpoints[collection] = checkpoint ?? null;
      await whenTrue(link.usable, signal);
      if (checkpoint === undefined && marks.get(collection).highWater === null) {
        for (const other of before) await whenTrue(firstDone[other], signal);
      }
      loading.add(collection);
      publish();
      try {
        const page = await handler(checkpoint, limit);
        if (page.checkpoint !== null) checkpoints[collection] = page.checkpoint;
        if (page.documents.length > 0) retryParkedSoon();
        return { documents: page.documents.map(toRow), checkpoint: page.checkpoint ?? undefined };
      } catch (error) {
        loading.delete(collection);
        publish();
        throw error;
      }
    };
  }

  async function arrived(collection: Collection): Promise<void> {
    const mark = marks.get(collection);
    pulled[collection] = 0;
    loading.delete(collection);
    firstDone[collection].set(true);
    await marks.set(collection, {
      pulledAt: now(),
      firstSyncedAt: mark.firstSyncedAt ?? now(),
    });
    publish();
  }

  function replicate(collection: Collection, abort: AbortController): Replication {
    const pull = pullOf(collection);
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
        stream$: streams[collection],
        handler: (checkpoint, limit) =>
          // Once stopped, the replication is paused and takes any answer for none.
          pull(checkpoint, limit).catch((error: unknown) => {
            failed(collection, error);
            if (abort.signal.aborted) return { documents: [], checkpoint: undefined };
            throw error;
          }),
      },
      push: {
        batchSize: DESK_LIMITS.replicationRows,
        handler: (rows) =>
          push(
            collection,
            rows.map((row) => row.newDocumentState),
          ).catch((error: unknown) => {
            failed(collection, error);
            if (abort.signal.aborted) return [];
            throw error;
          }),
      },
    });
    replication.error$.subscribe((error) => {
      // A pulled document that the local schema refuses is skipped by RxDB for good: stop before that goes on.
      const writeError = (error.parameters as { writeError?: { status?: number } }).writeError;
      if (error.code !== 'RC_PULL' || writeError?.status !== 422) return;
      events.emit({ event: 'error', collection, code: 'SCHEMA' });
      link.report('versionBlocked');
      void stop();
    });
    return replication;
  }

  function retryParkedSoon(): void {
    if (retrySoon !== null || run === null) return;
    retrySoon = timers.set(() => {
      retrySoon = null;
      void retryUnanswered((collection) => parked[collection]);
    }, RETRY_SOON_MS);
  }

  /** Pushes documents again that RxDB takes for sent; those whose answer is under way are left alone. */
  async function retryUnanswered(idsOf: (collection: Collection) => Iterable<string>): Promise<void> {
    for (const collection of COLLECTIONS) {
      if (run === null) return;
      const ids = [...idsOf(collection)].filter((id) => !inFlight[collection].has(id));
      if (ids.length === 0) continue;
      for (const id of ids) parked[collection].delete(id);
      await store.rewrite(collection, ids, (doc) => (doc === undefined ? undefined : retry(doc)));
    }
  }

  /** Everything unanswered; while a push of a collection runs, what stands behind it in RxDB's queue is not lost. */
  const unanswered = (collection: Collection): Iterable<string> =>
    usable() && inFlight[collection].size === 0 ? store.pending(collection).keys() : parked[collection];

  function lookBackSoon(collection: Collection): void {
    if (lookBack[collection] !== null) timers.clear(lookBack[collection]);
    lookBack[collection] = timers.set(() => {
      lookBack[collection] = null;
      if (run !== null) streams[collection].next('RESYNC');
    }, RETRY_SOON_MS);
  }

  function usable(): boolean {
    let now = false;
    link.usable.subscribe((value) => {
      now = value;
    })();
    return now;
  }

  function everySoOften(): void {
    retryTimer = timers.set(() => {
      void retryUnanswered(unanswered);
      void reconcileWhenDue();
      everySoOften();
    }, DESK_LIMITS.parkedRetryMs);
  }

  async function reconcileWhenDue(): Promise<void> {
    if (run === null) return;
    const due = COLLECTIONS.some((collection) => {
      const { reconciledAt, firstSyncedAt } = marks.get(collection);
      const last = reconciledAt ?? firstSyncedAt;
      return last !== null && clock.now() - Date.parse(last) > DESK_LIMITS.reconcileMs;
    });
    if (due) await reconcile().catch(() => undefined);
  }

  /** Returns the ids that the service lists, or `null` before the first sync. */
  async function reconcileOne(
    collection: Collection,
    signal: AbortSignal,
  ): Promise<ReadonlySet<string> | null> {
    if (marks.get(collection).firstSyncedAt === null) return null;
    const ids = await calls.ids(collection, signal);
    const gone = missedRemovals(store.all(collection), ids);
    const missing = [...ids].filter((id) => store.get(collection, id) === undefined);
    if (gone.length * 2 > store.count(collection) && gone.length >= 20) {
      await consent(collection, gone.length, store.count(collection));
    }
    const checkpoint = checkpoints[collection];
    if (gone.length > 0 && checkpoint !== null) {
      streams[collection].next({ documents: gone.map((doc) => toRow(removed(doc))), checkpoint });
    }
    if (missing.length > 0) await pullAll(collection);
    events.emit({ event: 'reconcile', collection, count: gone.length + missing.length });
    await marks.set(collection, { reconciledAt: now() });
    return ids;
  }

  async function reconcile(): Promise<void> {
    const signal = signalOf();
    await whenTrue(link.usable, signal);
    const listed: ReadonlySet<string>[] = [];
    for (const collection of COLLECTIONS) {
      const ids = await reconcileOne(collection, signal).catch((error: unknown) => {
        failed(collection, error);
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
    await ports.file(records);
    for (const collection of COLLECTIONS) {
      const ids = lost.filter((doc) => collectionOf(doc.kind) === collection).map((doc) => doc.id);
      if (ids.length === 0) continue;
      await store.rewrite(collection, ids, (doc) =>
        doc === undefined ? undefined : giveUp(doc, filed, atService),
      );
    }
  }

  /** Reads the whole collection again beside RxDB's own position, and hands it over as events of the stream. */
  async function pullAll(collection: Collection): Promise<void> {
    const handler = createPullHandler(
      collection,
      {
        fetch: (_, request) => calls.pull(collection, request, signalOf()),
        local: (_, ids) => Promise.resolve(ids.flatMap((id) => store.pending(collection).get(id) ?? [])),
        highWater: () => Promise.resolve(null),
        setHighWater: () => Promise.resolve(),
        consentToRemoval: consent,
        resync: () => Promise.resolve(),
        received: () => Promise.resolve(),
        parked: park,
      },
      arrivals[collection],
    );
    events.emit({ event: 'repull', collection });
    for (let checkpoint: LocalCheckpoint | null = null; ;) {
      const page = await handler(checkpoint, DESK_LIMITS.replicationRows);
      if (page.documents.length === 0 || page.checkpoint === null) return;
      checkpoint = page.checkpoint;
      streams[collection].next({ documents: page.documents.map(toRow), checkpoint });
      if (!page.more) return;
    }
  }

  async function stop(): Promise<void> {
    const ended = run;
    if (ended === null) return;
    run = null;
    for (const timer of [retryTimer, retrySoon, ...Object.values(lookBack)])
      if (timer !== null) timers.clear(timer);
    retryTimer = null;
    retrySoon = null;
    for (const collection of COLLECTIONS) lookBack[collection] = null;
    // Paused first: a paused replication takes the empty answers of the aborted handlers for no answer at all.
    await Promise.all(ended.replications.map((replication) => replication.pause()));
    ended.abort.abort();
    await Promise.all(ended.replications.map((replication) => replication.cancel()));
    loading.clear();
    sending.clear();
    publish();
  }

  return {
    state,
    question,
    events,
    async start() {
      if (run !== null) return;
      const abort = new AbortController();
      const replications: Replication[] = [];
      run = { abort, replications };
      for (const collection of COLLECTIONS) {
        firstDone[collection].set(marks.get(collection).firstSyncedAt !== null);
        // A crash may have fallen between an answer and its writing; RxDB would not send these again.
        for (const id of store.pending(collection).keys()) parked[collection].add(id);
        replications.push(replicate(collection, abort));
      }
      everySoOften();
      retryParkedSoon();
      await Promise.all(replications.map((replication) => replication.startPromise));
    },
    stop,
    touch(collections) {
      if (run === null) return;
      for (const collection of collections) streams[collection].next('RESYNC');
    },
    async syncNow() {
      if (run === null) return;
      for (const collection of COLLECTIONS) streams[collection].next('RESYNC');
      void retryUnanswered(unanswered);
      const { replications } = run;
      const cut = new Promise<void>((resolve) => {
        const end = link.usable.subscribe((usable) => {
          if (!usable) queueMicrotask(resolve);
        });
        run?.abort.signal.addEventListener('abort', () => {
          resolve();
        });
        void Promise.allSettled(replications.map((replication) => replication.awaitInSync())).then(() => {
          end();
          resolve();
        });
      });
      await cut;
    },
    reconcile,
    repull(collection) {
      void pullAll(collection).catch((error: unknown) => {
        failed(collection, error);
      });
    },
    answerRemoval(agreed) {
      asked[0]?.answer(agreed);
    },
  };
}

function each<T>(make: (collection: Collection) => T): Record<Collection, T> {
  return Object.fromEntries(COLLECTIONS.map((name) => [name, make(name)])) as Record<Collection, T>;
}

function latest(values: readonly (string | null)[]): string | null {
  return values.reduce(
    (best, value) => (value !== null && (best === null || value > best) ? value : best),
    null,
  );
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
