import { COLLECTIONS, type Collection } from '@sivis/shared/docs/kinds.ts';
import { createRxDatabase, type RxCollection, type RxDatabase, type RxStorage, type WithDeleted } from 'rxdb';
import { sameState } from '../core/localDoc.ts';
import type { OpenKey } from '../keys/keyring.ts';
import { encryptedStorage, type Quarantined } from '../storage/encryptedStorage.ts';
import type { PushHandler } from '../core/pushHandler.ts';
import { COLLECTION_SCHEMAS, fromRow, OUTBOX_SCHEMA, toRow, type DeskRow, type OutboxRow } from './schema.ts';

/** The opened database of one user on this desk. */
export interface DeskDatabase {
  readonly db: RxDatabase;
  readonly docs: Readonly<Record<Collection, RxCollection<DeskRow>>>;
  readonly outbox: RxCollection<OutboxRow>;
  /** Sets how a document is kept when the service's and the local state differ. */
  resolveWith(resolve: Readonly<Record<Collection, PushHandler['resolve']>>): void;
  close(): Promise<void>;
}

export type AnyStorage = RxStorage<unknown, unknown>;

export interface DatabaseOptions {
  readonly key: OpenKey;
  /** Which of the databases beside each other: a later one is begun when the one before does not open. */
  readonly store?: number;
  /** The storage below the encryption: Dexie in the product, memory in tests. */
  readonly inner: AnyStorage;
  /** What goes on top of the encryption; tests put a validator there. */
  readonly wrap?: (storage: AnyStorage) => AnyStorage;
  readonly quarantined: (document: Quarantined) => void;
}

/**
 * Opens the user's database: everything in it encrypted, one realm, no duplicates. Rejects with a `CipherError`
 * `WRONG_KEY` when the database belongs to another key; nothing in it is touched then.
 */
export async function openDatabase(options: DatabaseOptions): Promise<DeskDatabase> {
  const { key, inner, quarantined, wrap, store = 1 } = options;
  const encrypted = encryptedStorage(inner, { cipher: key.cipher, quarantined });
  const db = await createRxDatabase({
    name: store === 1 ? `sivis-${key.place}` : `sivis-${key.place}-${store}`,
    storage: wrap === undefined ? encrypted : wrap(encrypted),
    multiInstance: false,
    eventReduce: true,
    closeDuplicates: false,
  });
  let resolvers: Readonly<Record<Collection, PushHandler['resolve']>> | null = null;
  const handlerOf = (collection: Collection) => ({
    isEqual: (a: WithDeleted<DeskRow>, b: WithDeleted<DeskRow>) => sameState(fromRow(a), fromRow(b)),
    resolve: (input: { newDocumentState: WithDeleted<DeskRow>; realMasterState: WithDeleted<DeskRow> }) => {
      const master = fromRow(input.realMasterState);
      // Without its handler a document with unanswered operations would be overwritten: never go on by default.
      if (resolvers === null) return Promise.reject(new Error('sync runs without its handlers'));
      return Promise.resolve(toRow(resolvers[collection](fromRow(input.newDocumentState), master)));
    },
  });
  try {
    const docs = await db.addCollections({
      ...Object.fromEntries(
        COLLECTIONS.map((name) => [
          name,
          { schema: COLLECTION_SCHEMAS[name], conflictHandler: handlerOf(name) },
        ]),
      ),
      outbox: { schema: OUTBOX_SCHEMA },
    });
    return {
      db,
      docs: docs as unknown as DeskDatabase['docs'],
      outbox: docs.outbox,
      resolveWith(resolve) {
        resolvers = resolve;
      },
      async close() {
        await db.close();
      },
    };
  } catch (error) {
    await db.close();
    throw error;
  }
}
