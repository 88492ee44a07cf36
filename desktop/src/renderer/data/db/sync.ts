import { COLLECTIONS } from '@sivis/shared/docs/kinds.ts';
import { DESK_LIMITS } from '../limits.ts';
import { createDeskReconciler } from './reconcileDesk.ts';
import { createCollectionSync, type Replication } from './replicateCollection.ts';
import { createSyncContext } from './syncContext.ts';
import { each, type Sync, type SyncPorts } from './syncTypes.ts';

/**
 * Connects the handlers of `data/core` with RxDB's replication: one replication per collection, our own endpoint,
 * notices as `RESYNC`.
 */
export function createSync(ports: SyncPorts): Sync {
  const context = createSyncContext(ports);
  const { store, marks, link, timers, streams, unanswered } = context;
  const collections = each((collection) => createCollectionSync(context, collection));
  const { reconcile, reconcileWhenDue, pullAll } = createDeskReconciler(context);
  let replications: Replication[] = [];
  let timer: unknown = null;

  ports.database.resolveWith(
    each((collection) => (local, master) => collections[collection].pushHandler.resolve(local, master)),
  );

  function everySoOften(): void {
    timer = timers.set(() => {
      void unanswered.retryAll();
      void reconcileWhenDue();
      everySoOften();
    }, DESK_LIMITS.parkedRetryMs);
  }

  async function stop(): Promise<void> {
    const { abort } = context;
    if (abort === null) return;
    context.abort = null;
    const ended = replications;
    if (timer !== null) timers.clear(timer);
    timer = null;
    unanswered.stop();
    for (const collection of COLLECTIONS) collections[collection].stop();
    // Paused first: a paused replication takes the empty answers of the aborted handlers for no answer at all.
    await Promise.all(ended.map((replication) => replication.pause()));
    abort.abort();
    await Promise.all(ended.map((replication) => replication.cancel()));
    context.traffic.clear();
  }

  return {
    state: context.traffic.state,
    question: context.removals.question,
    events: context.events,
    async start() {
      if (context.abort !== null) return;
      const abort = new AbortController();
      context.abort = abort;
      replications = [];
      for (const collection of COLLECTIONS) {
        context.firstDone[collection].set(marks.get(collection).firstSyncedAt !== null);
        // A crash may have fallen between an answer and its writing; RxDB would not send these again.
        unanswered.park(collection, store.pending(collection).keys());
        replications.push(collections[collection].replicate(abort, () => void stop()));
      }
      everySoOften();
      unanswered.retrySoon();
      await Promise.all(replications.map((replication) => replication.startPromise));
    },
    stop,
    touch(touched) {
      if (context.abort === null) return;
      for (const collection of touched) streams[collection].next('RESYNC');
    },
    async syncNow() {
      const { abort } = context;
      if (abort === null) return;
      for (const collection of COLLECTIONS) streams[collection].next('RESYNC');
      void unanswered.retryAll();
      const running = replications;
      await new Promise<void>((resolve) => {
        const end = link.usable.subscribe((usable) => {
          if (!usable) queueMicrotask(resolve);
        });
        abort.signal.addEventListener('abort', () => {
          resolve();
        });
        void Promise.allSettled(running.map((replication) => replication.awaitInSync())).then(() => {
          end();
          resolve();
        });
      });
    },
    reconcile,
    repull(collection) {
      void pullAll(collection).catch((error: unknown) => {
        context.failed(collection, error);
      });
    },
    answerRemoval(agreed) {
      context.removals.answer(agreed);
    },
  };
}
