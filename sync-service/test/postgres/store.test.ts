import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { storeContract } from '../../src/store/contract.ts';
import { migratePostgres } from '../../src/store/postgres/migrate.ts';
import { PG_SCHEMA_VERSION } from '../../src/store/postgres/migrations.ts';
import { openPostgresStore } from '../../src/store/postgres/open.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { as, createDatabase } from './cluster.ts';
import { HAS_POSTGRES, serverUrl } from './server.ts';

const databases = new Map<string, Promise<string>>();
const databaseOf = (dir: string): Promise<string> => {
  const known = databases.get(dir) ?? createDatabase(serverUrl);
  databases.set(dir, known);
  return known;
};
const opened = new WeakMap<object, string>();

const BY_TRIGGER = [
  "UPDATE audit_entry SET envelope = '{}'",
  'DELETE FROM audit_entry',
  'TRUNCATE audit_entry',
  `INSERT INTO audit_entry SELECT seq + 5, '{}', leaf_hash, at, happened_at, actor_id, device_id, action, site_id, personal FROM audit_entry`,
  `INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (seq) DO UPDATE SET envelope = '{}'`,
  "UPDATE audit_payload SET body = '{}'",
  'DELETE FROM audit_payload',
  'TRUNCATE audit_payload',
  "INSERT INTO audit_payload VALUES (1, 'aa', '{}')",
  'UPDATE audit_subject SET seq = 2',
  'DELETE FROM audit_subject',
  'INSERT INTO audit_retention VALUES (256, 1)',
];
const BY_RIGHTS = [
  'DROP TRIGGER audit_entry_update ON audit_entry',
  'ALTER TABLE audit_entry DISABLE TRIGGER ALL',
  'DROP TABLE audit_entry CASCADE',
  'ALTER TABLE audit_entry RENAME TO gone',
  "SET session_replication_role = 'replica'",
  'CREATE OR REPLACE FUNCTION audit_entry_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
  'SET ROLE sivis_owner',
];

describe.skipIf(!HAS_POSTGRES)('PostgreSQL', () => {
  storeContract('PostgreSQL', {
    async open(dir) {
      const database = await databaseOf(dir);
      const store = await openPostgresStore({ url: serverUrl(database) });
      opened.set(store, database);
      return store;
    },
    openCopy: (file) => openSqliteStore({ file }),
    crashWriter: path.join(import.meta.dirname, '../crashWriter.ts'),
    crashTarget: async (dir) => serverUrl(await databaseOf(dir)),
    async tamper(store) {
      const database = opened.get(store) ?? '';
      let refused = 0;
      const attempt = async (role: 'sivis_api' | 'sivis_owner', sql: string): Promise<void> => {
        await as(serverUrl(database, role), async (client) => {
          await client.query('SET search_path = sivis');
          await client.query(sql);
        }).catch(() => (refused += 1));
      };
      // The owner could take the triggers away; with them in place not even he rewrites.
      for (const sql of BY_TRIGGER) await attempt('sivis_owner', sql);
      for (const sql of [...BY_TRIGGER, ...BY_RIGHTS]) await attempt('sivis_api', sql);
      return { refused, tried: BY_TRIGGER.length * 2 + BY_RIGHTS.length };
    },
  });

  it('does not open with a role that could rewrite the log, nor where a commit may be lost, nor another schema', async () => {
    const database = await createDatabase(serverUrl);
    const code = (role: 'sivis_api' | 'sivis_owner' | 'admin' = 'sivis_api') =>
      openPostgresStore({ url: serverUrl(database, role) }).then(
        (store) => store.close().then(() => 'open'),
        (error: unknown) => (error as { code?: string }).code,
      );
    const asAdmin = (sql: string) => as(serverUrl(database, 'admin'), (client) => client.query(sql));
    expect([await code(), await code('sivis_owner'), await code('admin')]).toEqual([
      'open',
      'ROLE_TOO_STRONG',
      'ROLE_TOO_STRONG',
    ]);
    await asAdmin(`ALTER DATABASE ${database} SET synchronous_commit = off`);
    expect(await code()).toBe('NOT_DURABLE');
    await asAdmin(`ALTER DATABASE ${database} RESET synchronous_commit`);
    await asAdmin('UPDATE sivis.schema_step SET version = version + 1');
    expect(await code()).toBe('SCHEMA_NEWER');
    await asAdmin('UPDATE sivis.schema_step SET version = 0');
    expect(await code()).toBe('SCHEMA_OLDER');
    await asAdmin('DROP SCHEMA sivis CASCADE');
    expect(await code()).toBe('SCHEMA_OLDER');
    await migratePostgres(serverUrl(database, 'sivis_owner'), 'sivis_api');
    expect(await code()).toBe('open');
    expect(await migratePostgres(serverUrl(database, 'sivis_owner'), 'sivis_api')).toEqual({
      found: PG_SCHEMA_VERSION,
      schema: PG_SCHEMA_VERSION,
    });
  });

  it('finds itself whole, and says what is not', async () => {
    const database = await createDatabase(serverUrl);
    const store = await openPostgresStore({ url: serverUrl(database) });
    expect(await store.integrityCheck()).toBe('ok');
    await as(serverUrl(database, 'sivis_owner'), (client) =>
      client.query('ALTER TABLE sivis.audit_entry DISABLE TRIGGER USER'),
    );
    expect(await store.integrityCheck()).toContain('audit_entry');
    await store.close();
  });
});
