import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { guardAudit } from '../src/store/sqlite/connection.ts';
import { storeContract } from '../src/store/contract.ts';
import { makeDoc, SITES, testId } from '../src/store/contractWorld.ts';
import { SQLITE_DIALECT } from '../src/store/sqlite/dialect.ts';
import { SCHEMA_VERSION } from '../src/store/sqlite/migrations.ts';
import { SchemaNewerError } from '../src/store/schemaError.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';

const files = new WeakMap<object, string>();

async function open(file: string) {
  const store = await openSqliteStore({ file });
  files.set(store, file);
  return store;
}

/** Ways to rewrite the log: each is tried with the triggers alone and with the guard of the running connections. */
const BY_TRIGGER = [
  "UPDATE audit_entry SET envelope = '{}'",
  'DELETE FROM audit_entry',
  "INSERT OR REPLACE INTO audit_entry SELECT seq, '{}', leaf_hash, at, happened_at, actor_id, device_id, action, site_id, personal FROM audit_entry",
  "INSERT INTO audit_entry SELECT seq + 5, '{}', leaf_hash, at, happened_at, actor_id, device_id, action, site_id, personal FROM audit_entry",
  "UPDATE audit_payload SET body = '{}'",
  'DELETE FROM audit_payload',
  "INSERT OR REPLACE INTO audit_payload VALUES (1, 'aa', '{}')",
  'UPDATE audit_subject SET seq = 2',
  'DELETE FROM audit_subject',
  'INSERT INTO audit_retention VALUES (0, 1)',
  'INSERT INTO audit_retention VALUES (256, 1)',
];
const BY_GUARD = [
  'DROP TABLE audit_kept',
  'DROP TRIGGER audit_retention_insert',
  'DROP TRIGGER audit_entry_update',
  'DROP TABLE audit_entry',
  'DROP TABLE audit_payload',
  'ALTER TABLE audit_entry RENAME TO gone',
  'ALTER TABLE audit_entry ADD COLUMN more TEXT',
  'PRAGMA recursive_triggers = OFF',
  'PRAGMA writable_schema = ON',
  'CREATE TRIGGER audit_more BEFORE INSERT ON audit_entry BEGIN SELECT raise(IGNORE); END',
  "ATTACH 'other.db' AS other",
];

storeContract('node:sqlite', {
  open: (dir) => open(path.join(dir, 'sivis.db')),
  openCopy: (file) => open(file),
  crashWriter: path.join(import.meta.dirname, 'crashWriter.ts'),
  crashTarget: async (dir) => path.join(dir, 'sivis.db'),
  async tamper(store) {
    const file = files.get(store) ?? '';
    let refused = 0;
    const attempt = (db: DatabaseSync, sql: string): void => {
      try {
        db.exec(sql);
      } catch {
        refused += 1;
      }
    };
    const plain = new DatabaseSync(file);
    plain.exec('PRAGMA recursive_triggers = ON');
    for (const sql of BY_TRIGGER) attempt(plain, sql);
    plain.close();
    const guarded = new DatabaseSync(file);
    guarded.exec('PRAGMA recursive_triggers = ON');
    guardAudit(guarded);
    for (const sql of [...BY_TRIGGER, ...BY_GUARD]) attempt(guarded, sql);
    guarded.close();
    return { refused, tried: BY_TRIGGER.length * 2 + BY_GUARD.length };
  },
});

describe('node:sqlite store', () => {
  const dirs: string[] = [];
  const folder = (): string => {
    const dir = mkdtempSync(path.join(tmpdir(), 'sivis-sqlite-'));
    dirs.push(dir);
    return dir;
  };
  afterEach(() => {
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });

  it('refuses a file of a newer program and leaves it as it is', async () => {
    const file = path.join(folder(), 'sivis.db');
    await (await openSqliteStore({ file })).close();
    const db = new DatabaseSync(file);
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    db.close();
    await expect(openSqliteStore({ file })).rejects.toBeInstanceOf(SchemaNewerError);
  });

  it('answers STORE_FULL when the disk takes nothing more, keeps nothing of it, and recovers', async () => {
    const store = await openSqliteStore({ file: path.join(folder(), 'sivis.db') });
    const big = (at: number) =>
      makeDoc(testId(3, at), 'person', SITES[0], { familyName: 'Liepa', givenName: 'x'.repeat(50_000) });
    await store.write((tx) => tx.putDoc(big(1)));
    store.setMaxBytes(600_000);
    let at = 1;
    const fill = async (): Promise<void> => {
      for (;;) {
        await store.write((tx) => tx.putDoc(big(at + 1)));
        at += 1;
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(await store.read((tx) => tx.countDocs('person'))).toBe(at);
    store.setMaxBytes(600_000_000);
    await store.write((tx) => tx.putDoc(big(at + 1)));
    expect(await store.read((tx) => tx.countDocs('person'))).toBe(at + 1);
    expect(await store.integrityCheck()).toBe('ok');
    await store.close();
  });

  it('is whole by its own check also after searches and many writes', async () => {
    const store = await openSqliteStore({ file: path.join(folder(), 'sivis.db') });
    const look = () => store.read((tx) => tx.searchPeople('liepa', 5, { sql: '1 = 1', params: [] }));
    await Promise.all(Array.from({ length: 16 }, look));
    for (let at = 0; at < 200; at += 1)
      await store.write((tx) =>
        tx.putDoc(
          makeDoc(testId(3, at), 'person', SITES[0], { familyName: `Liepa${at}`, givenName: 'Ilze' }),
        ),
      );
    expect(await store.integrityCheck()).toBe('ok');
    await store.close();
  });

  it('works in memory, for simulated worlds', async () => {
    const store = await openSqliteStore({ file: ':memory:' });
    await store.write((tx) =>
      tx.putDoc(makeDoc(testId(3, 1), 'person', SITES[0], { familyName: 'Liepa', givenName: 'A' })),
    );
    expect(await store.read((tx) => tx.countDocs('person'))).toBe(1);
    await store.close();
  });

  it('copies a store in memory between two writes', async () => {
    const store = await openSqliteStore({ file: ':memory:' });
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const copying = { now: true };
    const writes = (async () => {
      while (copying.now)
        await store.write(async (tx) => {
          await tx.setMeta('word', 'x');
          await turn();
        });
    })();
    const dir = folder();
    for (const name of ['one', 'two', 'three']) await store.backupTo(path.join(dir, `${name}.db`));
    copying.now = false;
    await writes;
    await store.close();
  });
});

describe('the search index', () => {
  it('is written once for a person in a transaction, with all that was written of her', async () => {
    const store = await openSqliteStore({ file: ':memory:' });
    const indexing = vi.spyOn(SQLITE_DIALECT, 'indexPerson');
    const [she, site] = [testId(3, 1), SITES[0]];
    await store.write(async (tx) => {
      await tx.putDoc(makeDoc(she, 'person', site, { familyName: 'Paraudziņa', givenName: 'Anna' }));
      for (const [at, value] of ['20000001', '20000002', '20000003'].entries()) {
        const contact = { personId: she, contactKind: 'phone', value };
        await tx.putDoc(makeDoc(testId(8, at), 'contact', site, contact));
      }
    });
    expect(indexing).toHaveBeenCalledTimes(1);
    indexing.mockRestore();
    const found = await store.read((tx) => tx.searchPeople('20000003', 5, { sql: '1 = 1', params: [] }));
    expect(found.ids).toEqual([she]);
    await store.close();
  });
});
