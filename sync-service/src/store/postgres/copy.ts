import { rmSync } from 'node:fs';
import type { ClientBase, Pool } from 'pg';
import type { Row, SqlValue } from '../sql/dialect.ts';
import { indexPerson } from '../sql/personSearch.ts';
import { TABLES } from '../sql/schema.ts';
import { openConnection, type Connection } from '../sqlite/connection.ts';
import { SQLITE_DIALECT } from '../sqlite/dialect.ts';
import { AUDIT_TRIGGERS, MIGRATIONS, SCHEMA_VERSION } from '../sqlite/migrations.ts';
import { storeError } from '../storeError.ts';
import { abandon, sqlOn } from './connection.ts';
import { POSTGRES_DIALECT } from './dialect.ts';
import { PG_LIMITS } from './limits.ts';
import { AUDIT_TABLES } from './migrations.ts';

/**
 * Backups of both engines are the same SQLite file, so that each can be verified without a database server and restored
 * into either engine (ADR 0006). The search rows are not copied but made anew.
 */

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

const columnsOf = (file: Connection, table: string): string[] =>
  file.all('SELECT name FROM pragma_table_info(?)', [table]).map((row) => row['name'] as string);

function dropTriggers(file: Connection): void {
  const triggers = file.all(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`);
  for (const { name } of triggers) file.db.exec(`DROP TRIGGER "${name as string}"`);
}

/** The people of a file, page by page: nothing is written while a statement still reads. */
function* peopleOf(file: Connection): Generator<string> {
  for (let after = ''; ;) {
    const rows = file.all(`SELECT id FROM doc WHERE kind = 'person' AND id > ? ORDER BY id LIMIT ?`, [
      after,
      PG_LIMITS.copyRows,
    ]);
    if (rows.length === 0) return;
    for (const row of rows) yield (after = row['id'] as string);
  }
}

/** Writes a consistent copy of the database into a new SQLite file while others write. */
export async function copyToFile(pool: Pool, target: string): Promise<void> {
  rmSync(target, { force: true });
  const file = openConnection(target);
  try {
    const client = await pool.connect();
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      file.db.exec('BEGIN');
      file.db.exec(MIGRATIONS.join('\n'));
      dropTriggers(file);
      for (const table of TABLES) {
        const columns = columnsOf(file, table);
        const insert = `INSERT INTO "${table}" (${quoted(columns)}) VALUES (${columns.map(() => '?').join(', ')})`;
        await client.query(`DECLARE copying CURSOR FOR SELECT ${quoted(columns)} FROM "${table}"`);
        for (;;) {
          const { rows } = await client.query<Row>(`FETCH ${PG_LIMITS.copyRows} FROM copying`);
          for (const row of rows)
            file.run(
              insert,
              columns.map((column) => row[column] as SqlValue),
            );
          if (rows.length < PG_LIMITS.copyRows) break;
        }
        await client.query('CLOSE copying');
      }
      for (const id of peopleOf(file)) await indexPerson(file, SQLITE_DIALECT, id);
      file.db.exec(AUDIT_TRIGGERS);
      file.db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
    } finally {
      await abandon(client);
    }
  } catch (error) {
    file.close();
    rmSync(target, { force: true });
    throw storeError(error);
  }
  file.close();
}

/** The rows of a table as one JSON text; bytes in PostgreSQL's hexadecimal form. */
function jsonOf(rows: readonly Row[]): string {
  return JSON.stringify(rows, (_key, value: unknown) => {
    if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
    return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value;
  });
}

/**
 * Fills an empty, migrated database from a SQLite file, in a transaction that the caller opened as the owner of the
 * tables: the triggers of the log stand aside, which nobody else can make them do.
 */
export async function copyFromFile(source: string, client: ClientBase): Promise<void> {
  const file = openConnection(source, { readOnly: true });
  try {
    for (const table of AUDIT_TABLES) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    for (const table of TABLES) {
      const columns = quoted(columnsOf(file, table));
      const insert = `INSERT INTO "${table}" (${columns})
        SELECT ${columns} FROM json_populate_recordset(NULL::"${table}", $1::json)`;
      let batch: Row[] = [];
      const flush = async (): Promise<void> => {
        if (batch.length > 0) await client.query(insert, [jsonOf(batch)]);
        batch = [];
      };
      for (const row of file.db.prepare(`SELECT ${columns} FROM "${table}"`).iterate()) {
        batch.push(row);
        if (batch.length >= PG_LIMITS.copyRows) await flush();
      }
      await flush();
    }
    const sql = sqlOn(client);
    for (const id of peopleOf(file)) await indexPerson(sql, POSTGRES_DIALECT, id);
    for (const table of AUDIT_TABLES) await client.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
  } finally {
    file.close();
  }
}
