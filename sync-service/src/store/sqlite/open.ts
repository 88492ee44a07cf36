import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { backup } from 'node:sqlite';
import type { Collection } from '@sivis/shared/docs/kinds.ts';
import { SchemaNewerError } from '../schemaError.ts';
import { processMemory } from '../sharedMemory.ts';
import { createReadTx } from '../sql/readTx.ts';
import { createWriteTx } from '../sql/writeTx.ts';
import type { Store } from '../store.ts';
import { storeError } from '../storeError.ts';
import { guardAudit, openConnection, type Connection } from './connection.ts';
import { SQLITE_DIALECT } from './dialect.ts';
import { STORE_LIMITS } from './limits.ts';
import { MIGRATIONS, SCHEMA_VERSION } from './migrations.ts';
import { createGate } from '../gate.ts';

export interface SqliteOptions {
  /** The database file; `:memory:` keeps everything in one connection (simulation and unit tests). */
  readonly file: string;
  /** The bytes of a database file with which a store in memory begins. */
  readonly content?: Uint8Array;
  /** Where the copy goes that is made before an existing file is migrated; default: beside the file. */
  readonly backupDir?: string;
  /** The file may not grow beyond this; for tests of a full disk. */
  readonly maxBytes?: number;
}

export interface SqliteStore extends Store {
  /** Runs the work on the connection of a transaction; for tests and `doctor` only. */
  setMaxBytes(bytes: number): void;
}

function versionOf(connection: Connection): number {
  return Number(connection.db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

/** Brings the file to the schema of this program, each step in its transaction. Returns the version found. */
async function migrate(connection: Connection, backupDir: string): Promise<number> {
  const found = versionOf(connection);
  if (found > SCHEMA_VERSION) throw new SchemaNewerError(found, SCHEMA_VERSION);
  if (found === SCHEMA_VERSION) return found;
  if (found > 0) {
    mkdirSync(backupDir, { recursive: true, mode: 0o700 });
    const copy = path.join(backupDir, `before-schema-${SCHEMA_VERSION}-from-${found}.db`);
    rmSync(copy, { force: true });
    await backup(connection.db, copy);
  }
  for (let version = found; version < SCHEMA_VERSION; version += 1) {
    const step = MIGRATIONS[version];
    if (step === undefined) break;
    connection.db.exec('BEGIN IMMEDIATE');
    try {
      connection.db.exec(step);
      connection.db.exec(`PRAGMA user_version = ${version + 1}`);
      connection.db.exec('COMMIT');
    } catch (error) {
      connection.db.exec('ROLLBACK');
      throw error;
    }
  }
  connection.run(`INSERT INTO meta (key, value) VALUES ('epoch', ?) ON CONFLICT DO NOTHING`, [randomUUID()]);
  return found;
}

/**
 * Opens (creates, migrates) a store on one SQLite file: WAL, synchronous=FULL, one writing connection, some reading
 * ones. The caller holds the lock of the data folder. Throws SchemaNewerError, and whatever SQLite says of a file
 * that is no database.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<SqliteStore> {
  const inMemory = options.file === ':memory:';
  if (!inMemory) mkdirSync(path.dirname(options.file), { recursive: true, mode: 0o700 });
  const existed = !inMemory && existsSync(options.file);
  const writer = openConnection(options.file);
  const setMaxBytes = (bytes: number): void => {
    const pageSize = Number(writer.db.prepare('PRAGMA page_size').get()?.['page_size'] ?? 4096);
    writer.db.exec(`PRAGMA max_page_count = ${Math.floor(bytes / pageSize)}`);
  };
  try {
    if (inMemory && options.content !== undefined) writer.db.deserialize(options.content);
    const backupDir = options.backupDir ?? path.join(path.dirname(options.file), 'backups');
    await migrate(writer, backupDir);
  } catch (error) {
    writer.close();
    if (!existed && !inMemory) rmSync(options.file, { force: true });
    throw error;
  }
  guardAudit(writer.db);
  if (options.maxBytes !== undefined) setMaxBytes(options.maxBytes);

  const writing = createGate(1);
  const readers: Connection[] = [];
  if (!inMemory) {
    for (let index = 0; index < STORE_LIMITS.readers; index += 1) {
      readers.push(openConnection(options.file, { readOnly: true }));
    }
  }
  const reading = inMemory ? writing : createGate(readers.length);
  const free = [...readers];
  const listeners = new Set<(collections: readonly Collection[]) => void>();
  const writerRead = createReadTx(writer, SQLITE_DIALECT);
  const readTxOf = new Map(readers.map((reader) => [reader, createReadTx(reader, SQLITE_DIALECT)]));

  const rollback = (): void => {
    // After some I/O errors SQLite has rolled back by itself.
    if (writer.db.isTransaction) writer.run('ROLLBACK');
  };

  return {
    schemaVersion: SCHEMA_VERSION,
    shared: processMemory(),
    // There is no other instance: the lock of the data folder sees to it.
    tell: async () => undefined,
    onTold: () => () => undefined,
    async write(work) {
      const touched = new Set<Collection>();
      const result = await writing.run(async () => {
        try {
          writer.run('BEGIN IMMEDIATE');
          const own = createWriteTx(writer, SQLITE_DIALECT, writerRead, touched);
          const done = await work(own.tx);
          await own.finish();
          writer.run('COMMIT');
          return done;
        } catch (error) {
          rollback();
          throw storeError(error);
        }
      });
      if (touched.size > 0) for (const listener of listeners) listener([...touched]);
      return result;
    },
    async read(work) {
      // One connection and one work at a time: nobody writes beside it.
      if (inMemory) return reading.run(() => work(writerRead));
      return reading.run(async () => {
        const connection = free.pop();
        if (connection === undefined) throw new Error('no reading connection is free');
        const tx = readTxOf.get(connection) ?? writerRead;
        try {
          connection.run('BEGIN');
          // A deferred transaction takes its snapshot at the first read: take it now.
          connection.get('SELECT 1 FROM meta LIMIT 1');
          return await work(tx);
        } catch (error) {
          throw storeError(error);
        } finally {
          if (connection.db.isTransaction) connection.run('COMMIT');
          free.push(connection);
        }
      });
    },
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async backupTo(file) {
      // A connection of its own with an open snapshot: writers go on and the copy never begins anew.
      const source = inMemory ? writer : openConnection(options.file, { readOnly: true });
      try {
        if (!inMemory) {
          source.run('BEGIN');
          source.get('SELECT 1 FROM meta LIMIT 1');
        }
        const copy = (): Promise<unknown> => backup(source.db, file, { rate: STORE_LIMITS.backupPages });
        // The one connection of a store in memory may be in the middle of a write, which nothing can be copied from.
        await (inMemory ? writing.run(copy) : copy());
      } catch (error) {
        throw storeError(error);
      } finally {
        if (!inMemory) {
          if (source.db.isTransaction) source.run('COMMIT');
          source.close();
        }
      }
    },
    async integrityCheck() {
      return reading.run(async () => {
        // A connection that has read from the index of names before keeps what it knew of it, and the check, which does not
        // look whether that changed, would call a whole index damaged.
        const fresh = inMemory ? undefined : openConnection(options.file, { readOnly: true });
        try {
          return (fresh ?? writer)
            .all('PRAGMA integrity_check(10)')
            .map((row) => row['integrity_check'] as string)
            .join('; ');
        } finally {
          fresh?.close();
        }
      });
    },
    setMaxBytes,
    async close() {
      await writing.idle();
      await reading.idle();
      for (const reader of readers) reader.close();
      if (!inMemory) writer.run('PRAGMA wal_checkpoint(TRUNCATE)');
      writer.close();
    },
  };
}
