import pg from 'pg';
import { SchemaNewerError } from '../schemaError.ts';
import { storeError } from '../storeError.ts';
import { commit, connectionConfig, SCHEMA } from './connection.ts';
import { copyFromFile } from './copy.ts';
import { PG_MIGRATIONS, PG_SCHEMA_VERSION, rightsOf } from './migrations.ts';

/** Any number; instances that migrate at the same time wait for each other. */
const MIGRATION_LOCK = 7_348_101;

export interface Migrated {
  /** The schema before; 0 for an empty database. */
  readonly found: number;
  readonly schema: number;
}

/** The role that a connection string signs in with. */
export function roleOf(url: string): string {
  return new pg.Client({ connectionString: url }).user ?? '';
}

/** Runs the work in one transaction as the owner; instances that do so at the same time wait for each other. */
async function asOwner<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...connectionConfig(ownerUrl), statement_timeout: 0 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const result = await work(client);
    await commit(client);
    return result;
  } catch (error) {
    throw storeError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function migrate(client: pg.Client, apiRole: string): Promise<Migrated> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
  await client.query('CREATE TABLE IF NOT EXISTS schema_step (version bigint NOT NULL)');
  const { rows } = await client.query<{ version: number }>('SELECT version FROM schema_step');
  const found = rows[0]?.version ?? 0;
  if (found > PG_SCHEMA_VERSION) throw new SchemaNewerError(found, PG_SCHEMA_VERSION);
  for (const step of PG_MIGRATIONS.slice(found)) await client.query(step);
  await client.query('DELETE FROM schema_step');
  await client.query('INSERT INTO schema_step (version) VALUES ($1)', [PG_SCHEMA_VERSION]);
  if (apiRole !== '') await client.query(rightsOf(pg.escapeIdentifier(apiRole)));
  return { found, schema: PG_SCHEMA_VERSION };
}

/**
 * Brings a database to the schema of this program, as its owner, in one transaction: all steps or none. Then gives the
 * service's role its rights. Throws SchemaNewerError; UNAVAILABLE when the database does not answer.
 */
export function migratePostgres(ownerUrl: string, apiRole: string): Promise<Migrated> {
  return asOwner(ownerUrl, (client) => migrate(client, apiRole));
}

/**
 * Fills a database from the SQLite file of a backup, all of it or nothing. Returns false, and changes nothing, when there
 * is something in the database already.
 */
export async function restoreIntoPostgres(
  ownerUrl: string,
  apiRole: string,
  source: string,
): Promise<boolean> {
  return asOwner(ownerUrl, async (client) => {
    await migrate(client, apiRole);
    const { rows } = await client.query<{ used: boolean }>(
      'SELECT EXISTS (SELECT 1 FROM doc) OR EXISTS (SELECT 1 FROM "user") OR EXISTS (SELECT 1 FROM audit_entry) AS used',
    );
    if (rows[0]?.used !== false) return false;
    await client.query('DELETE FROM meta');
    await copyFromFile(source, client);
    await client.query('ANALYZE');
    return true;
  });
}
