import { createHash } from 'node:crypto';
import pg from 'pg';
import type { ClientBase, PoolClient } from 'pg';
import type { Row, Sql, SqlValue } from '../sql/dialect.ts';
import { PG_LIMITS } from './limits.ts';

/** The schema that all of it stands in; the search path of every connection is this one alone. */
export const SCHEMA = 'sivis';

const INT8 = 20;

/** Counts and sequence numbers stay below 2^53. */
const types = new pg.TypeOverrides();
types.setTypeParser(INT8, Number);

/** The settings of every connection: time-outs, and the one schema. */
export function connectionConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    types,
    keepAlive: true,
    connectionTimeoutMillis: PG_LIMITS.connectMs,
    statement_timeout: PG_LIMITS.statementMs,
    lock_timeout: PG_LIMITS.lockMs,
    idle_in_transaction_session_timeout: PG_LIMITS.idleInTxMs,
    application_name: 'sivis',
    // Statements that follow each other without a look at the answer are sent together.
    pipeline: true,
    // Short queries: compiling them takes longer than running them.
    options: `-c search_path=${SCHEMA} -c jit=off -c TimeZone=UTC`,
  };
}

const numbered = new Map<string, { text: string; name: string }>();

/** `?` as `$1`, and a name under which each connection prepares it once. */
function statementOf(sql: string): { text: string; name: string | undefined } {
  const known = numbered.get(sql);
  if (known !== undefined) return known;
  let at = 0;
  const text = sql.replaceAll('?', () => `$${(at += 1)}`);
  // Beyond the limit statements are not prepared: they would pile up in the server.
  if (numbered.size >= PG_LIMITS.statements) return { text, name: undefined };
  const statement = { text, name: createHash('sha256').update(text).digest('base64url').slice(0, 22) };
  numbered.set(sql, statement);
  return statement;
}

/** PostgreSQL's text has no NUL; SQLite's has. What carries one comes from no keyboard. */
const clean = (value: SqlValue): SqlValue =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;

/** Statements with `?` on a connection, in a transaction that the caller opened. */
export interface PgSql extends Sql {
  /** The first error of a statement that nobody waited for; the errors after it only say that there was one. */
  failed(): unknown;
}

export function sqlOn(client: ClientBase): PgSql {
  let failed: unknown;
  const query = (sql: string, params: readonly SqlValue[] = []): Promise<pg.QueryResult<Row>> => {
    const { text, name } = statementOf(sql);
    return client.query<Row>({ text, values: params.map(clean), ...(name === undefined ? {} : { name }) });
  };
  return {
    failed: () => failed,
    all: async (sql, params) => (await query(sql, params)).rows,
    get: async (sql, params) => (await query(sql, params)).rows[0],
    run: async (sql, params) => (await query(sql, params)).rowCount ?? 0,
    put(sql, params) {
      query(sql, params).catch((error: unknown) => {
        failed ??= error;
      });
    },
  };
}

/** Ends a transaction. Throws when PostgreSQL rolled it back instead: after an error inside it, it does so silently. */
export async function commit(client: ClientBase): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
}

/** Gives a connection back; one that cannot even roll back is thrown away. */
export async function abandon(client: PoolClient): Promise<void> {
  try {
    await client.query('ROLLBACK');
    client.release();
  } catch (error) {
    client.release(error instanceof Error ? error : true);
  }
}

/** A pool whose lost connections end nobody's process. */
export function openPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({ ...connectionConfig(url), max });
  // The next query on such a connection fails by itself; without a listener the event would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
