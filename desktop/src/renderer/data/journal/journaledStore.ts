import { COLLECTIONS, collectionOf, type Collection } from '@sivis/shared/docs/kinds.ts';
import { missing, type OpWrite, type UnsentRecord, type UnsentState } from '../core/unsent.ts';
import type { DocStore } from '../db/docStore.ts';
import type { DeskJournal } from './deskJournal.ts';

/** A document store whose operations stand in the journal before they count as saved. */
export interface JournaledStore extends DocStore {
  /**
   * Writes what the journal kept and the store lacks, as after a crash or when the browser's storage was lost. What
   * changes documents that are not here waits for them.
   * @param answered operations that the service has answered
   * @returns the number of operations
   */
  restore(answered: ReadonlySet<string>): Promise<number>;
  /** Everything was received: what still waits for its document goes to the service, which decides. */
  release(): Promise<void>;
  /** True while something found waits for its document. */
  readonly waits: () => boolean;
  /** Puts what is unsent now in the place of all notes, when something changed since. */
  save(records: () => Promise<readonly UnsentRecord[]>): Promise<void>;
  settled(): Promise<void>;
}

/** `store` with a journal in front of it. */
export function journaledStore(store: DocStore, journal: DeskJournal): JournaledStore {
  /** Operations that are kept and not yet in the store. */
  const landing = new Map<string, OpWrite>();
  /** Kept operations in the store that are not answered, by document. */
  const landed = new Map<string, Set<string>>();
  /** Found in the journal; their documents are not here. */
  let waiting: readonly OpWrite[] = [];
  /** Notes since the last snapshot, and what that snapshot held. */
  let changed = true;
  let saved = '';

  const pendingOf = (collection: Collection, id: string): ReadonlySet<string> =>
    new Set(
      store
        .pending(collection)
        .get(id)
        ?.ops.map((op) => op.opId),
    );

  function land(writes: readonly OpWrite[]): void {
    for (const { id, op } of writes) {
      landing.delete(op.opId);
      landed.set(id, (landed.get(id) ?? new Set()).add(op.opId));
    }
  }

  async function writeWaiting(ready: (write: OpWrite) => boolean): Promise<void> {
    const now = waiting.filter(ready);
    if (now.length === 0) return;
    waiting = waiting.filter((write) => !now.includes(write));
    await store.write(now);
    land(now);
  }

  function stateWith(records: readonly UnsentRecord[]): UnsentState {
    const kept = new Map<string, OpWrite>();
    for (const collection of COLLECTIONS) {
      for (const { id, kind, siteId, ops } of store.pending(collection).values())
        for (const op of ops) kept.set(op.opId, { id, kind, siteId, op });
    }
    for (const write of [...waiting, ...landing.values()]) kept.set(write.op.opId, write);
    return { writes: [...kept.values()], records };
  }

  const end = store.changes.on(({ collection, docs }) => {
    for (const { id } of docs) {
      const known = landed.get(id);
      if (known === undefined) continue;
      const open = pendingOf(collection, id);
      const answered = [...known].filter((opId) => !open.has(opId));
      if (answered.length === 0) continue;
      for (const opId of answered) known.delete(opId);
      if (known.size === 0) landed.delete(id);
      changed = true;
      journal.done(answered);
    }
    const arrived = new Set(docs.filter((doc) => !doc.deleted).map((doc) => doc.id));
    if (waiting.some(({ id }) => arrived.has(id)))
      void writeWaiting(({ id }) => arrived.has(id)).catch(() => undefined);
  });

  return {
    ...store,
    async write(writes) {
      if (writes.length === 0) return;
      changed = true;
      for (const write of writes) landing.set(write.op.opId, write);
      const opIds = writes.map((write) => write.op.opId);
      try {
        await journal.keep(writes);
        await store.write(writes);
      } catch (error) {
        // The person is told that it is not saved; it must not come back by itself.
        for (const opId of opIds) landing.delete(opId);
        journal.done(opIds);
        throw error;
      }
      land(writes);
      // The answer may have come before the write was told.
      for (const { id, kind } of writes) {
        const open = pendingOf(collectionOf(kind), id);
        const answered = opIds.filter((opId) => landed.get(id)?.has(opId) === true && !open.has(opId));
        for (const opId of answered) landed.get(id)?.delete(opId);
        journal.done(answered);
      }
    },
    async restore(answered) {
      const opsOf = (write: OpWrite): ReadonlySet<string> | undefined => {
        const doc = store.get(collectionOf(write.kind), write.id);
        return doc === undefined ? undefined : new Set(doc.ops.map((op) => op.opId));
      };
      for (const collection of COLLECTIONS)
        for (const doc of store.pending(collection).values())
          landed.set(doc.id, new Set(doc.ops.map((op) => op.opId)));
      const { now, later } = missing(
        journal.found.writes.filter(({ op }) => !answered.has(op.opId)),
        opsOf,
      );
      waiting = later;
      if (now.length > 0) await store.write(now);
      land(now);
      return now.length + later.length;
    },
    release: () => writeWaiting(() => true),
    waits: () => waiting.length > 0,
    async save(records) {
      const own = await records();
      if (!changed && JSON.stringify(stateWith(own)) === saved) return;
      changed = false;
      await journal.save(() => {
        const state = stateWith(own);
        saved = JSON.stringify(state);
        return state;
      });
    },
    settled: () => journal.settled(),
    close() {
      end();
      store.close();
    },
  };
}
