import { randomInt, randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { PoolClient } from 'pg';
import { COLLECTIONS, type Collection } from '@sivis/shared/docs/kinds.ts';
import { DatabaseSetupError, SchemaNewerError, SchemaOlderError } from '../schemaError.ts';
import { createGate } from '../gate.ts';
import type { SharedMemory } from '../sharedMemory.ts';
import { createReadTx } from '../sql/readTx.ts';
import { TABLES } from '../sql/schema.ts';
import { createWriteTx } from '../sql/writeTx.ts';
import type { Store } from '../store.ts';
import { storeError } from '../storeError.ts';
import { copyToFile } from './copy.ts';
import { abandon, commit, openPool, sqlOn } from './connection.ts';
import { POSTGRES_DIALECT } from './dialect.ts';
import { PG_LIMITS } from './limits.ts';
import { listen, SAY } from './listen.ts';
import { AUDIT_TABLES, PG_SCHEMA_VERSION } from './migrations.ts';

/** Any number: who holds it is the one writer of all instances. */
const WRITER_LOCK = 7_348_100;

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';

/** What one instance says to the others: who it is, what kind of thing, the thing. */
type Said = readonly [from: string, topic: 'commit' | 'tell', text: string];

/** False where a commit is answered before it is on the disk. */
async function isDurable(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ durable: boolean }>(
    `SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'
        AND current_setting('synchronous_commit') NOT IN ('off', 'local') AS durable`,
  );
  return rows[0]?.durable === true;
}

async function checkDatabase(pool: pg.Pool): Promise<void> {
  const there = await pool.query<{ there: boolean }>(
    `SELECT to_regclass('schema_step') IS NOT NULL AS there`,
  );
  if (there.rows[0]?.there !== true) throw new SchemaOlderError(0, PG_SCHEMA_VERSION);
  const { rows } = await pool.query<{ version: number }>('SELECT version FROM schema_step');
  const found = rows[0]?.version ?? 0;
  if (found > PG_SCHEMA_VERSION) throw new SchemaNewerError(found, PG_SCHEMA_VERSION);
  if (found < PG_SCHEMA_VERSION) throw new SchemaOlderError(found, PG_SCHEMA_VERSION);
  const rights = await pool.query<{ strong: boolean }>(
    `SELECT r.rolsuper OR pg_has_role(c.relowner, 'MEMBER') AS strong
       FROM pg_class c, pg_roles r WHERE c.oid = 'audit_entry'::regclass AND r.rolname = current_user`,
  );
  if (rights.rows[0]?.strong !== false) throw new DatabaseSetupError('ROLE_TOO_STRONG');
  if (!(await isDurable(pool))) throw new DatabaseSetupError('NOT_DURABLE');
}

/** Milliseconds of the server's clock. */
const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

interface PostgresMemory extends SharedMemory {
  /** Reads which memory it is: after a crash of the server it is empty, and another one. */
  learn(): Promise<void>;
}

function sharedMemory(pool: pg.Pool): PostgresMemory {
  let calls = 0;
  let generation = '';
  const ask = async (name: string, text: string, values: unknown[]): Promise<number> => {
    try {
      if ((calls += 1) % PG_LIMITS.sweepCalls === 0)
        await pool.query(`DELETE FROM shared_memory WHERE until_ms <= ${NOW}`);
      const { rows } = await pool.query<{ uses: number }>({ name, text, values });
      return rows[0]?.uses ?? 0;
    } catch (error) {
      throw storeError(error);
    }
  };
  return {
    generation: () => generation,
    async learn() {
      const known = await ask(
        'shared generation',
        `INSERT INTO shared_memory AS m (key, uses, until_ms) VALUES ('generation', $1, 9e18)
         ON CONFLICT (key) DO UPDATE SET uses = m.uses RETURNING uses`,
        [randomInt(2 ** 47)],
      );
      generation = known.toString(36);
    },
    count: (key, windowMs) =>
      ask(
        'shared count',
        `INSERT INTO shared_memory AS m (key, uses, until_ms) VALUES ($1, 1, ${NOW} + $2)
         ON CONFLICT (key) DO UPDATE SET uses = CASE WHEN m.until_ms <= ${NOW} THEN 1 ELSE m.uses + 1 END,
           until_ms = CASE WHEN m.until_ms <= ${NOW} THEN excluded.until_ms ELSE m.until_ms END
         RETURNING uses`,
        [`count:${key}`, windowMs],
      ),
    async once(key, untilMs, nowMs) {
      const uses = await ask(
        'shared once',
        `INSERT INTO shared_memory AS m (key, uses, until_ms) VALUES ($1, 1, $2)
         ON CONFLICT (key) DO UPDATE SET until_ms = $2 WHERE m.until_ms <= $3 RETURNING uses`,
        [`once:${key}`, untilMs, nowMs],
      );
      return uses > 0;
    },
  };
}

/** Tables with a row or a page that PostgreSQL cannot read: all of each is read once, however long it takes. */
async function unreadable(pool: pg.Pool): Promise<string[]> {
  const found: string[] = [];
  const client = await pool.connect();
  try {
    for (const table of TABLES) {
      await client.query('BEGIN READ ONLY; SET LOCAL statement_timeout = 0');
      try {
        await client.query(`SELECT count(md5(t::text)) FROM "${table}" t`);
      } catch (error) {
        if (!/^XX00[12]$/.test(String((error as { code?: unknown }).code))) throw error;
        found.push(`${table}: unreadable`);
      } finally {
        await client.query('ROLLBACK').catch(() => undefined);
      }
    }
  } finally {
    client.release();
  }
  return found;
}

/**
 * Opens a store on a migrated PostgreSQL database; several instances of the service may do so at once. Write
 * transactions of all instances take turns by an advisory lock that is held until the commit is visible, so that
 * sequence numbers are given in the order of commits (ADR 0006). Rejects with SchemaOlderError, SchemaNewerError,
 * DatabaseSetupError, and UNAVAILABLE when the database does not answer.
 */
export async function openPostgresStore(options: { readonly url: string }): Promise<Store> {
  const { url } = options;
  const instance = randomUUID();
  const pool = openPool(url, PG_LIMITS.readers + PG_LIMITS.others);
  const writing = createGate(1);
  const reading = createGate(PG_LIMITS.readers);
  const commitListeners = new Set<(collections: readonly Collection[]) => void>();
  const toldListeners = new Set<(topic: string, text: string) => void>();
  const resumedListeners = new Set<() => void>();

  const announce = (collections: readonly Collection[]): void => {
    for (const listener of commitListeners) listener(collections);
  };
  const hear = (text: string): void => {
    let said: Said;
    try {
      said = JSON.parse(text) as Said;
    } catch {
      return;
    }
    const [from, topic, words] = said;
    if (from === instance) return;
    if (topic === 'commit') {
      const named = words.split(',');
      announce(COLLECTIONS.filter((collection) => named.includes(collection)));
    } else {
      const space = words.indexOf(' ');
      for (const listener of toldListeners) listener(words.slice(0, space), words.slice(space + 1));
    }
  };
  const say = (client: pg.ClientBase | pg.Pool, topic: Said[1], words: string): Promise<unknown> =>
    client.query(SAY.text, [SAY.channel, JSON.stringify([instance, topic, words] satisfies Said)]);

  const shared = sharedMemory(pool);
  let listening;
  try {
    await checkDatabase(pool);
    await shared.learn();
    await pool.query(`INSERT INTO meta (key, value) VALUES ('epoch', $1) ON CONFLICT DO NOTHING`, [
      randomUUID(),
    ]);
    listening = await listen(url, hear, () => {
      // A crash of the server has emptied the shared memory.
      shared.learn().catch(() => undefined);
      // What others committed meanwhile was not heard: everybody looks for himself.
      announce(COLLECTIONS);
      for (const listener of resumedListeners) listener();
    });
  } catch (error) {
    await pool.end();
    throw storeError(error);
  }

  /** A connection in a transaction that was begun; a pooled one may have died since it was last used. */
  const begin = async (statements: readonly string[]): Promise<PoolClient> => {
    for (let attempt = 1; ; attempt += 1) {
      const client = await pool.connect();
      try {
        await Promise.all(statements.map((statement) => client.query(statement)));
        return client;
      } catch (error) {
        client.release(true);
        const lost = (storeError(error) as { code?: unknown }).code === 'UNAVAILABLE';
        // Nothing was done yet. A lock that did not come is not asked for again.
        if (!lost || attempt > PG_LIMITS.readers || (error as { code?: unknown }).code === '55P03')
          throw error;
      }
    }
  };

  const writeOnce = async <T>(work: Parameters<Store['write']>[0]): Promise<T> => {
    const touched = new Set<Collection>();
    const client = await begin(['BEGIN', `SELECT pg_advisory_xact_lock(${WRITER_LOCK})`]);
    const sql = sqlOn(client);
    let result: T;
    try {
      const read = createReadTx(sql, POSTGRES_DIALECT);
      const own = createWriteTx(sql, POSTGRES_DIALECT, read, touched);
      result = (await work(own.tx)) as T;
      await own.finish();
      const said = touched.size > 0 ? say(client, 'commit', [...touched].join(',')) : undefined;
      await Promise.all([said, commit(client)]);
    } catch (error) {
      await abandon(client);
      throw sql.failed() ?? error;
    }
    client.release();
    if (touched.size > 0) announce([...touched]);
    return result;
  };

  return {
    schemaVersion: PG_SCHEMA_VERSION,
    shared,
    async write<T>(work: Parameters<Store['write']>[0]): Promise<T> {
      return writing.run(async () => {
        for (let attempt = 1; ; attempt += 1) {
          try {
            return await writeOnce<T>(work);
          } catch (error) {
            const { code } = error as { code?: unknown };
            const again = code === SERIALIZATION_FAILURE || code === DEADLOCK;
            if (!again || attempt >= PG_LIMITS.attempts) throw storeError(error);
            await new Promise((resolve) =>
              setTimeout(resolve, Math.random() * PG_LIMITS.backoffMs * 2 ** (attempt - 1)),
            );
          }
        }
      });
    },
    async read(work) {
      return reading.run(async () => {
        try {
          const client = await begin(['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY']);
          try {
            const result = await work(createReadTx(sqlOn(client), POSTGRES_DIALECT));
            await commit(client);
            client.release();
            return result;
          } catch (error) {
            await abandon(client);
            throw error;
          }
        } catch (error) {
          throw storeError(error);
        }
      });
    },
    onCommit(listener) {
      commitListeners.add(listener);
      return () => commitListeners.delete(listener);
    },
    async tell(topic, text) {
      try {
        await say(pool, 'tell', `${topic} ${text}`);
      } catch (error) {
        throw storeError(error);
      }
    },
    onTold(told, resumed) {
      toldListeners.add(told);
      resumedListeners.add(resumed);
      return () => {
        toldListeners.delete(told);
        resumedListeners.delete(resumed);
      };
    },
    backupTo: (file) => copyToFile(pool, file),
    async integrityCheck() {
      const problems: string[] = (await isDurable(pool)) ? [] : ['not durable'];
      const { rows } = await pool.query<{ name: string; rights: boolean; guarded: boolean }>(
        `SELECT t.name,
                has_table_privilege(t.name, 'UPDATE') OR has_table_privilege(t.name, 'DELETE')
                  OR has_table_privilege(t.name, 'TRUNCATE') AS rights,
                (SELECT count(*) FROM pg_trigger g WHERE g.tgrelid = t.name::regclass AND NOT g.tgisinternal
                    AND g.tgenabled = 'O') >= 3 AS guarded
           FROM unnest($1::text[]) t (name)`,
        [[...AUDIT_TABLES]],
      );
      for (const row of rows) {
        if (row.rights) problems.push(`${row.name}: rewritable`);
        if (!row.guarded) problems.push(`${row.name}: trigger missing`);
      }
      problems.push(...(await unreadable(pool)));
      return problems.length === 0 ? 'ok' : problems.join('; ');
    },
    async close() {
      await writing.idle();
      await reading.idle();
      await listening.stop();
      await pool.end();
    },
  };
}
