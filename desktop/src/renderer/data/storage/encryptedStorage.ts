import type {
  BulkWriteRow,
  EventBulk,
  RxDocumentData,
  RxJsonSchema,
  RxStorage,
  RxStorageChangeEvent,
  RxStorageInstance,
  RxStorageInstanceCreationParams,
  RxStorageWriteError,
} from 'rxdb';
import { Subject } from 'rxjs';
import { CipherError, type Cipher } from '../keys/cipher.ts';
import { checkSelector, checkSort, clearFieldsOf, primaryFields, STORAGE_FIELDS } from './clearFields.ts';
import {
  clearPart,
  openDocument,
  sealDocument,
  type SealPlace,
  type StoredDocument,
} from './sealedDocument.ts';

/** A document whose blob is not authentic; it is left out of every answer until the service sends it again. */
export interface Quarantined {
  readonly database: string;
  readonly collection: string;
  readonly id: string;
}

export interface EncryptionOptions {
  readonly cipher: Cipher;
  /** Called once per document that cannot be opened. */
  readonly quarantined: (document: Quarantined) => void;
}

type Row = RxDocumentData<Record<string, unknown>>;
type Rows = BulkWriteRow<Record<string, unknown>>[];
type Instance = RxStorageInstance<Record<string, unknown>, unknown, unknown>;
type Bulk = EventBulk<RxStorageChangeEvent<Row>, unknown>;
type WriteError = RxStorageWriteError<Record<string, unknown>>;

const asStored = (row: unknown): StoredDocument => row as StoredDocument;
const asRow = (document: StoredDocument): Row => document as unknown as Row;

/**
 * An RxStorage that encrypts every document of every instance that RxDB opens on it: the collections, RxDB's own
 * internal store and the replication's meta instances. Clear on disk stay the key, the index fields (from a fixed
 * list), revision, tombstone flag and write time; all else is one AES-256-GCM blob per document.
 *
 * It keeps the order of rows and of concurrent writes, and emits a write's events before the write resolves, as
 * RxStorage demands. The plain rows of a write are at hand when its events come, so that nothing is decrypted for
 * them; of `previous` an inner storage reads the clear part only, so it is never encrypted again.
 *
 * Removed documents are erased: their blob is replaced by one without content. A query or index over an encrypted
 * field throws. One realm only (`multiInstance: false`), no attachments.
 */
export function encryptedStorage<Internals, Options>(
  inner: RxStorage<Internals, Options>,
  options: EncryptionOptions,
): RxStorage<Internals, Options> {
  return {
    name: `encrypted-${inner.name}`,
    rxdbVersion: inner.rxdbVersion,
    async createStorageInstance<RxDocType>(params: RxStorageInstanceCreationParams<RxDocType, Options>) {
      if (params.multiInstance)
        throw new Error('the encrypted storage serves one realm: set multiInstance to false');
      const schema = params.schema as unknown as RxJsonSchema<Row>;
      if (schema.attachments !== undefined) throw new Error('the encrypted storage holds no attachments');
      const place = placeOf(params.databaseName, params.collectionName, schema);
      const stored = await inner.createStorageInstance<RxDocType>({
        ...params,
        schema: storedSchema(schema, place) as unknown as typeof params.schema,
      });
      const wrapped = wrapInstance(stored as unknown as Instance, schema, place, options);
      return wrapped as unknown as RxStorageInstance<RxDocType, Internals, Options>;
    },
  };
}

function placeOf(database: string, collection: string, schema: RxJsonSchema<Row>): SealPlace {
  const { key, parts } = primaryFields(schema.primaryKey);
  return {
    database,
    collection,
    version: schema.version,
    primary: key,
    clear: clearFieldsOf(schema),
    kept: [key, ...parts, 'kind'],
  };
}

/** The schema of what lies on disk: clear fields and the blob. */
function storedSchema(schema: RxJsonSchema<Row>, place: SealPlace): RxJsonSchema<Row> {
  const all = schema.properties as Record<string, unknown>;
  const properties: Record<string, unknown> = { enc: { type: 'string' } };
  for (const field of [...place.clear, ...STORAGE_FIELDS]) {
    if (all[field] !== undefined) properties[field] = all[field];
  }
  const required = (schema.required ?? []).filter((field) => String(field) in properties);
  const { indexes, internalIndexes } = schema;
  return {
    version: schema.version,
    ...(schema.title === undefined ? {} : { title: schema.title }),
    type: 'object',
    primaryKey: schema.primaryKey,
    properties,
    required: [...required, 'enc'],
    additionalProperties: false,
    ...(indexes === undefined ? {} : { indexes }),
    ...(internalIndexes === undefined ? {} : { internalIndexes }),
  } as unknown as RxJsonSchema<Row>;
}

function wrapInstance(
  inner: Instance,
  schema: RxJsonSchema<Row>,
  place: SealPlace,
  { cipher, quarantined }: EncryptionOptions,
): Instance {
  /** Stored form of documents that cannot be opened: a new write replaces them. */
  const broken = new Map<string, Row>();
  const events = new Subject<Bulk>();
  /** The plain rows of the write that the inner storage is working on. */
  let current = new Map<string, Rows[number]>();
  let queue: Promise<unknown> = Promise.resolve();

  const idOf = (row: Row): string => String(row[place.primary]);

  async function openOne(stored: Row): Promise<Row | null> {
    try {
      return asRow(await openDocument(cipher, place, asStored(stored)));
    } catch (error) {
      if (!(error instanceof CipherError) || error.code !== 'TAMPERED') throw error;
      const id = idOf(stored);
      if (!broken.has(id)) quarantined({ database: place.database, collection: place.collection, id });
      broken.set(id, stored);
      return null;
    }
  }

  async function openAll(stored: readonly Row[]): Promise<Row[]> {
    const opened = await Promise.all(stored.map(openOne));
    return opened.filter((row) => row !== null);
  }

  const innerEvents = inner.changeStream().subscribe({
    next: (bulk) => {
      events.next({
        ...(bulk as Bulk),
        events: (bulk as Bulk).events.map((event) => plainEvent(event)),
      });
    },
    complete: () => {
      events.complete();
    },
  });

  function plainEvent(event: RxStorageChangeEvent<Row>): RxStorageChangeEvent<Row> {
    const row = current.get(event.documentId);
    if (row === undefined) throw new Error('an event of a write that this instance did not make');
    const previous = event.previousDocumentData as Row | null | undefined;
    return {
      ...event,
      documentData: row.document,
      previousDocumentData: previous ? row.previous : previous,
    } as typeof event;
  }

  async function sealRow(row: Rows[number]): Promise<Rows[number]> {
    const document = asRow(await sealDocument(cipher, place, asStored(row.document)));
    const previous =
      row.previous === undefined
        ? undefined
        : asRow(clearPart(place, asStored(row.previous)) as unknown as StoredDocument);
    return previous === undefined ? { document } : { previous, document };
  }

  async function plainError(error: WriteError): Promise<WriteError> {
    const writeRow = current.get(error.documentId) ?? error.writeRow;
    if (error.status !== 409) return { ...error, writeRow };
    const inDb = await openOne(error.documentInDb);
    // The stored one cannot be opened: what is known of it is enough for a caller to write over it.
    return {
      ...error,
      writeRow,
      documentInDb: inDb ?? { ...writeRow.document, ...withoutBlob(error.documentInDb) },
    };
  }

  async function write(rows: Rows, sealed: Promise<Rows>, context: string): Promise<{ error: WriteError[] }> {
    const innerRows = await sealed;
    for (const row of innerRows) {
      const id = idOf(row.document);
      const stored = broken.get(id);
      if (row.previous === undefined && stored !== undefined) row.previous = stored;
      broken.delete(id);
    }
    current = new Map(rows.map((row) => [idOf(row.document as Row), row]));
    const result = await inner.bulkWrite(innerRows, context);
    return { error: await Promise.all(result.error.map(plainError)) };
  }

  function checkQuery(query: { selector: unknown; sort: readonly unknown[] }): void {
    checkSelector(query.selector, place.clear);
    checkSort(query.sort, place.clear);
  }

  return {
    databaseName: inner.databaseName,
    collectionName: inner.collectionName,
    internals: inner.internals,
    options: inner.options,
    schema,
    bulkWrite(rows, context) {
      const sealed = Promise.all(rows.map(sealRow));
      // A failed encryption is reported to its own caller below; here it must only not go unheard.
      sealed.catch(() => undefined);
      const result = queue.then(() => write(rows, sealed, context));
      queue = result.catch(() => undefined);
      return result;
    },
    async findDocumentsById(ids, withDeleted) {
      return openAll(await inner.findDocumentsById(ids, withDeleted));
    },
    async query(prepared) {
      checkQuery(prepared.query);
      const result = await inner.query(prepared);
      return { documents: await openAll(result.documents) };
    },
    async count(prepared) {
      checkQuery(prepared.query);
      return inner.count(prepared);
    },
    ...(inner.getChangedDocumentsSince === undefined
      ? {}
      : {
          async getChangedDocumentsSince(limit: number, checkpoint?: unknown) {
            const result = await inner.getChangedDocumentsSince?.(limit, checkpoint);
            if (result === undefined) throw new Error('the storage lost its change log');
            return { checkpoint: result.checkpoint as unknown, documents: await openAll(result.documents) };
          },
        }),
    changeStream: () => events.asObservable() as ReturnType<Instance['changeStream']>,
    getAttachmentData: () => Promise.reject(new Error('the encrypted storage holds no attachments')),
    cleanup: (minimumDeletedTime) => inner.cleanup(minimumDeletedTime),
    async close() {
      await queue;
      innerEvents.unsubscribe();
      events.complete();
      await inner.close();
    },
    remove: () => inner.remove(),
  };
}

function withoutBlob(stored: Row): Record<string, unknown> {
  const { enc: _enc, ...rest } = stored as Record<string, unknown>;
  return rest;
}
