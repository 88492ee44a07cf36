import { COLLECTIONS, collectionOf, type Collection } from '@sivis/shared/docs/kinds.ts';
import { normalizeMangoQuery, prepareQuery, type RxDocumentData } from 'rxdb';
import { isPending, withOps, type LocalDoc } from '../core/localDoc.ts';
import type { OpWrite } from '../core/unsent.ts';
import { DESK_LIMITS } from '../limits.ts';
import { emitter, type Signal } from '../live.ts';
import type { DeskDatabase } from './database.ts';
import { NotWrittenError } from './notWritten.ts';
import { fromRow, toRow, type DeskRow } from './schema.ts';

type StoredRow = RxDocumentData<DeskRow>;

/** The documents that changed, as they are now. */
export interface DocChange {
  readonly collection: Collection;
  readonly docs: readonly LocalDoc[];
}

/** All replicated documents of the desk in memory, and the way to write operations into them. */
export interface DocStore {
  /** Reads everything once, in chunks that leave the screen its turn. */
  load(): Promise<void>;
  get(collection: Collection, id: string): LocalDoc | undefined;
  /** Documents that are not removed. */
  all(collection: Collection): Iterable<LocalDoc>;
  count(collection: Collection): number;
  /** Documents with unanswered operations, by id. */
  pending(collection: Collection): ReadonlyMap<string, LocalDoc>;
  readonly changes: Signal<DocChange>;
  /** Adds operations; resolves when all are on disk. The writes of one collection are one transaction. */
  write(writes: readonly OpWrite[]): Promise<void>;
  /** Rewrites documents by id from what they are now (`undefined`: never here); `undefined` leaves one as it is. */
  rewrite(
    collection: Collection,
    ids: readonly string[],
    change: (doc: LocalDoc | undefined, id: string) => LocalDoc | undefined,
  ): Promise<void>;
  /** Ends the store and forgets what it has read. */
  close(): void;
}

export function createDocStore(database: DeskDatabase): DocStore {
  const rows = byCollection(() => new Map<string, StoredRow>());
  const docs = byCollection(() => new Map<string, LocalDoc>());
  const pending = byCollection(() => new Map<string, LocalDoc>());
  const changes = emitter<DocChange>();

  function take(collection: Collection, row: StoredRow): LocalDoc {
    const doc = fromRow(row);
    rows[collection].set(row.id, row);
    if (doc.deleted) docs[collection].delete(row.id);
    else docs[collection].set(row.id, doc);
    if (isPending(doc)) pending[collection].set(row.id, doc);
    else pending[collection].delete(row.id);
    return doc;
  }

  const subscriptions = COLLECTIONS.map((collection) =>
    database.docs[collection].storageInstance.changeStream().subscribe((bulk) => {
      const changed = bulk.events.map((event) =>
        take(collection, event.documentData as unknown as StoredRow),
      );
      if (changed.length > 0) changes.emit({ collection, docs: changed });
    }),
  );

  async function loadCollection(collection: Collection): Promise<void> {
    const { storageInstance } = database.docs[collection];
    /** Documents behind `last` that gave nothing: damaged ones are left out of what a query returns. */
    let skip = 0;
    for (let last = ''; ;) {
      const query = normalizeMangoQuery<StoredRow>(storageInstance.schema, {
        selector: { id: { $gt: last }, _deleted: { $eq: false } },
        sort: [{ id: 'asc' }],
        skip,
        limit: DESK_LIMITS.loadChunk,
      });
      const { documents } = await storageInstance.query(prepareQuery(storageInstance.schema, query));
      const read: LocalDoc[] = [];
      for (const row of documents) {
        // A write that came meanwhile is newer than what was read.
        if (!rows[collection].has(row.id)) read.push(take(collection, row));
      }
      if (read.length > 0) changes.emit({ collection, docs: read });
      const end = documents.at(-1);
      if (end !== undefined) {
        last = end.id;
        skip = 0;
        continue;
      }
      skip += DESK_LIMITS.loadChunk;
      const rest = normalizeMangoQuery<StoredRow>(storageInstance.schema, {
        selector: { id: { $gt: last }, _deleted: { $eq: false } },
        sort: [{ id: 'asc' }],
      });
      const { count } = await storageInstance.count(prepareQuery(storageInstance.schema, rest));
      if (skip >= count) return;
    }
  }

  /** Writes rows with the state they were computed from; who was overtaken is computed anew. */
  async function writeRows(
    collection: Collection,
    ids: readonly string[],
    next: (current: LocalDoc | undefined, id: string) => LocalDoc | undefined,
    context: string,
  ): Promise<void> {
    const { storageInstance } = database.docs[collection];
    const known = new Map<string, StoredRow>();
    const missing = ids.filter((id) => !rows[collection].has(id));
    for (const row of await storageInstance.findDocumentsById(missing, true)) known.set(row.id, row);
    for (const id of ids) {
      const row = rows[collection].get(id);
      if (row !== undefined) known.set(id, row);
    }
    let open = [...ids];
    while (open.length > 0) {
      const writes = open.flatMap((id) => {
        const previous = known.get(id);
        const doc = next(previous === undefined ? undefined : fromRow(previous), id);
        if (doc === undefined) return [];
        const document = {
          ...toRow(doc),
          _attachments: {},
          _meta: previous === undefined ? { lwt: 0 } : { ...previous._meta },
          _rev: previous?._rev ?? '',
        } as unknown as StoredRow;
        return [previous === undefined ? { document } : { previous, document }];
      });
      if (writes.length === 0) return;
      const result = await storageInstance.bulkWrite(writes, context);
      open = [];
      for (const error of result.error) {
        if (error.status !== 409) throw new NotWrittenError(error.status);
        known.set(error.documentId, error.documentInDb);
        open.push(error.documentId);
      }
    }
  }

  return {
    async load() {
      await Promise.all(COLLECTIONS.map(loadCollection));
    },
    get: (collection, id) => docs[collection].get(id),
    all: (collection) => docs[collection].values(),
    count: (collection) => docs[collection].size,
    pending: (collection) => pending[collection],
    changes,
    async write(writes) {
      for (const collection of COLLECTIONS) {
        const own = writes.filter((write) => collectionOf(write.kind) === collection);
        if (own.length === 0) continue;
        const byId = Map.groupBy(own, (write) => write.id);
        await writeRows(
          collection,
          [...byId.keys()],
          (current, id) => {
            const doc = withOps(current, byId.get(id) ?? []);
            return doc === current ? undefined : doc;
          },
          'sivis-command',
        );
      }
    },
    rewrite: (collection, ids, change) => writeRows(collection, ids, change, 'sivis-rewrite'),
    close() {
      for (const subscription of subscriptions) subscription.unsubscribe();
      for (const collection of COLLECTIONS)
        for (const map of [rows[collection], docs[collection], pending[collection]]) map.clear();
    },
  };
}

function byCollection<T>(make: () => T): Record<Collection, T> {
  return Object.fromEntries(COLLECTIONS.map((name) => [name, make()])) as Record<Collection, T>;
}
