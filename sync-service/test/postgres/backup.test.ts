import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createBackup, restoreBackup, verifyBackup } from '../../src/cli/backup.ts';
import { openDataFolder } from '../../src/cli/dataFolder.ts';
import { checkAudit } from '../../src/audit/export.ts';
import { serviceWho } from '../../src/audit/auditLog.ts';
import { restoreIntoPostgres } from '../../src/store/postgres/migrate.ts';
import { openPostgresStore } from '../../src/store/postgres/open.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { makeDoc, SITES, testId } from '../../src/store/contractWorld.ts';
import { TABLES } from '../../src/store/sql/schema.ts';
import { openConnection } from '../../src/store/sqlite/connection.ts';
import type { Store } from '../../src/store/store.ts';
import { seedFolder } from '../liveService.ts';
import { as, createDatabase } from './cluster.ts';
import { HAS_POSTGRES, serverUrl } from './server.ts';

const NOW = Date.parse('2026-11-21T08:00:00.000Z');
const NO_DATABASE = { database_url: '', database_owner_url: '' };

async function freshDatabase(): Promise<{ database_url: string; database_owner_url: string }> {
  const name = await createDatabase(serverUrl);
  return { database_url: serverUrl(name), database_owner_url: serverUrl(name, 'sivis_owner') };
}

/** Something of every sort: names beyond ASCII, a zero byte, bytes, nights, an erased payload, removed entries. */
async function fill(store: Store): Promise<void> {
  await store.write(async (tx) => {
    await tx.putDoc(
      makeDoc(testId(3, 1), 'person', SITES[0], { familyName: 'Šķēle', givenName: 'Ž\u0000\ud83d\ude00' }),
    );
    await tx.putDoc(
      makeDoc(testId(8, 1), 'contact', SITES[0], {
        personId: testId(3, 1),
        contactKind: 'phone',
        value: '+371 26123456',
      }),
    );
    await tx.holdNights(testId(4, 1), [{ bedId: testId(9, 1), night: 20_000 }]);
    const index = {
      at: '2026-11-21T08:00:00.000Z',
      happenedAt: '2026-11-21T08:00:00.000Z',
      actorId: 'a',
      deviceId: 'd',
      action: 'view',
      siteId: SITES[0],
      subjectRefs: ['s'],
      personal: true,
    };
    const hash = 'ab'.repeat(32);
    for (let at = 1; at <= 300; at += 1)
      await tx.appendAudit(`{"n":${at}}`, hash, `{"p":${at}}`, 'aa', index);
    await tx.eraseAuditPayloads([280], 300);
    await tx.removeAuditEntries(256, await tx.appendAudit('{"n":301}', hash, null, null, index));
  });
}

const contentOf = (store: Store): Promise<unknown> =>
  store.read(async (tx) => ({
    docs: await tx.docs([testId(3, 1), testId(8, 1)]),
    head: await tx.headSeq(),
    users: await tx.users(),
    nights: await tx.nightsHeld([testId(9, 1)], 0, 99_999),
    leaves: await tx.auditLeaves(0, 301),
    rows: await tx.auditRange(256, 45),
    removed: await tx.auditRemovedTo(),
    found: await tx.searchPeople('skele 26123', 5, { sql: '1 = 1', params: [] }),
  }));

describe.skipIf(!HAS_POSTGRES)('backups of either engine', () => {
  const dirs: string[] = [];
  const folder = (): string => {
    const dir = mkdtempSync(path.join(tmpdir(), 'sivis-backup-'));
    dirs.push(dir);
    return dir;
  };
  afterEach(() => {
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });

  it('take everything along, from PostgreSQL to SQLite and back', async () => {
    const dir = folder();
    const source = await openPostgresStore({ url: (await freshDatabase()).database_url });
    await fill(source);
    const file = path.join(dir, 'copy.db');
    await source.backupTo(file);
    const before = await contentOf(source);
    await source.close();
    const copy = await openSqliteStore({ file });
    expect(await contentOf(copy)).toEqual(before);
    expect(await copy.integrityCheck()).toBe('ok');
    await copy.close();

    const target = await freshDatabase();
    expect(await restoreIntoPostgres(target.database_owner_url, 'sivis_api', file)).toBe(true);
    const back = await openPostgresStore({ url: target.database_url });
    expect(await contentOf(back)).toEqual(before);
    expect(await back.integrityCheck()).toBe('ok');
    // What is written afterwards goes on from there.
    await back.write((tx) => tx.putDoc(makeDoc(testId(3, 2), 'person', SITES[0], { familyName: 'A' })));
    await back.close();
    expect(await restoreIntoPostgres(target.database_owner_url, 'sivis_api', file)).toBe(false);
  });

  for (const [from, to] of [
    ['PostgreSQL', 'SQLite'],
    ['PostgreSQL', 'PostgreSQL'],
    ['SQLite', 'PostgreSQL'],
  ] as const) {
    it(`of ${from} are verified and restored into ${to} by the commands`, async () => {
      const dir = folder();
      const source = from === 'PostgreSQL' ? await freshDatabase() : NO_DATABASE;
      const home = path.join(dir, 'home');
      await seedFolder(home, { anna: 'reception' }, undefined, source.database_url);
      writeFileSync(path.join(home, 'server.toml'), `database_url = '${source.database_url}'\n`);
      const copy = path.join(dir, 'copy');
      const opened = await openDataFolder(home, source.database_url);
      const event = { kind: 'store', objectId: '', personIds: [], personal: false, result: 'ok' };
      for (const action of ['backup', 'doctor'])
        await opened.audit.auditRead(opened.store, serviceWho(NOW, '1'), { ...event, action });
      const users = await opened.store.read((tx) => tx.users());
      const epoch = await opened.store.read((tx) => tx.meta('epoch'));
      expect((await createBackup(opened.store, home, copy, NOW)).exit).toBe(0);
      await opened.store.close();
      expect((await verifyBackup(copy)).exit).toBe(0);

      const target = to === 'PostgreSQL' ? await freshDatabase() : NO_DATABASE;
      const restored = path.join(dir, 'restored');
      expect(await restoreBackup(copy, restored, NOW, target)).toMatchObject({ exit: 0 });
      // The settings name the database of the original.
      expect(existsSync(path.join(restored, 'server.toml'))).toBe(false);
      expect(readFileSync(path.join(restored, 'server.toml.from-backup'), 'utf8')).toContain('database_url');
      const again = await openDataFolder(restored, target.database_url);
      expect(await again.store.read((tx) => tx.users())).toEqual(users);
      expect(await again.store.read((tx) => tx.meta('epoch'))).not.toBe(epoch);
      expect((await checkAudit(again.store)).broken).toEqual([]);
      expect(await again.store.read((tx) => tx.auditSize())).toBe(3);
      await again.store.close();

      if (to === 'SQLite') return;
      const onto = path.join(dir, 'onto');
      mkdirSync(onto);
      expect(await restoreBackup(copy, onto, NOW, target)).toMatchObject({
        exit: 1,
        value: { error: { code: 'not-empty' } },
      });
    });
  }

  it('copies every table that there is', async () => {
    const dir = folder();
    await seedFolder(dir, {});
    const file = openConnection(path.join(dir, 'sivis.db'), { readOnly: true });
    const inFile = file
      .all(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'person_search%'`)
      .map((row) => row['name'] as string)
      .filter((name) => !name.startsWith('sqlite_'));
    file.close();
    expect([...TABLES].sort()).toEqual(inFile.sort());
    const { database_url: url } = await freshDatabase();
    const inDatabase = await as(url, async (client) => {
      const { rows } = await client.query<{ name: string }>(
        `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'sivis'`,
      );
      return rows.map(({ name }) => name);
    });
    const own = ['person_search', 'shared_memory', 'schema_step'];
    expect(inDatabase.filter((name) => !own.includes(name)).sort()).toEqual(inFile.sort());
  });
});
