import type { RxCollection } from 'rxdb';
import { DESK_LIMITS } from '../limits.ts';
import { NotWrittenError } from './notWritten.ts';
import type { OutboxKind, OutboxRow } from './schema.ts';

/** A record of the outbox, by kind; `data` is plain JSON. */
export interface OutboxEntry {
  readonly id: string;
  readonly kind: OutboxKind;
  readonly data: object;
}

/** The desk's own records, beside the replicated documents: durable when a call resolves. */
export interface Outbox {
  put(entries: readonly OutboxEntry[]): Promise<void>;
  get<T extends object>(id: string): Promise<T | null>;
  /** All records of a kind by id, which is by age where the id is a UUIDv7. */
  all<T extends object>(kind: OutboxKind): Promise<{ id: string; data: T }[]>;
  /** Erases records. */
  remove(ids: readonly string[]): Promise<void>;
  /** Frees the room of records that were erased some days ago. */
  tidy(): Promise<void>;
}

export function createOutbox(collection: RxCollection<OutboxRow>): Outbox {
  return {
    async put(entries) {
      if (entries.length === 0) return;
      const rows = entries.map(({ id, kind, data }) => ({ id, kind, data: data as Record<string, unknown> }));
      const result = await collection.bulkUpsert(rows);
      const failed = result.error[0];
      if (failed !== undefined) throw new NotWrittenError(failed.status);
    },
    async get<T extends object>(id: string) {
      const [row] = await collection.storageInstance.findDocumentsById([id], false);
      return row === undefined ? null : (row.data as T);
    },
    async all<T extends object>(kind: OutboxKind) {
      const documents = await collection.find({ selector: { kind }, sort: [{ id: 'asc' }] }).exec();
      return documents.map((document) => ({ id: document.id, data: document.toJSON().data as T }));
    },
    async remove(ids) {
      if (ids.length > 0) await collection.bulkRemove([...ids]);
    },
    async tidy() {
      await collection.storageInstance.cleanup(DESK_LIMITS.outboxTombstoneMs);
    },
  };
}
