import { mkdtemp, readFile, rm, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { addDays } from '@sivis/shared/time/plainDate.ts';
import { verifyPassword } from '../identity/passwords.ts';
import { openSqliteStore, type SqliteStore } from '../store/sqlite/open.ts';
import { DEMO_ACCOUNTS_FILE, demoNeedsRebuild, ensureDemo } from './ensure.ts';

const TODAY = '2026-11-21';
const noon = (day: string): { now: () => number } => ({ now: () => Date.parse(`${day}T10:00:00.000Z`) });

let dataDir: string;
let store: SqliteStore;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'sivis-demo-'));
  store = await openSqliteStore({ file: path.join(dataDir, 'store.db') });
});

afterEach(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const start = (day = TODAY) => ensureDemo(store, { clock: noon(day), dataDir, size: 'small' });
const head = () => store.read((tx) => tx.headSeq());
const stays = async (): Promise<Stay[]> =>
  (await store.read((tx) => tx.docsOfKind('stay'))).map((doc) => doc.fields as unknown as Stay);

describe('ensureDemo', () => {
  it('makes a marked centre with accounts that can sign in, and keeps the passwords from others', async () => {
    const { accounts } = await start();
    expect(await store.read((tx) => tx.meta('demo'))).toBe('1');
    expect(new Set(accounts.map((account) => account.role)).size).toBe(6);
    expect(new Set(accounts.map((account) => account.password)).size).toBe(accounts.length);
    const first = accounts[0]!;
    expect(first.password.length).toBeGreaterThanOrEqual(12);
    const user = await store.read((tx) => tx.userByName(first.user));
    expect(await verifyPassword(first.password, user!.passwordHash)).toBe(true);
    const file = path.join(dataDir, DEMO_ACCOUNTS_FILE);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(accounts);
    const held = await store.read((tx) => tx.bedNightsByMonth());
    expect(Object.values(held).reduce((sum, nights) => sum + nights, 0)).toBeGreaterThan(1_000);
  });

  it('changes nothing at a second start on the same day', async () => {
    const first = await start();
    const before = await head();
    expect(await start()).toEqual(first);
    expect(await head()).toBe(before);
  });

  it('rolls an untouched centre forward with the same documents and accounts', async () => {
    const first = await start();
    const before = await stays();
    expect(await demoNeedsRebuild(store, TODAY)).toBe(false);
    expect(await demoNeedsRebuild(store, addDays(TODAY, 3))).toBe(true);
    expect(await start(addDays(TODAY, 3))).toEqual(first);
    const after = await stays();
    expect(after.length).toBe(before.length);
    const arrivals = (list: readonly Stay[], day: string): number =>
      list.filter((stay) => stay.state === 'expected' && stay.arriveDate === day).length;
    expect(arrivals(after, addDays(TODAY, 3))).toBe(arrivals(before, TODAY));
    expect(await demoNeedsRebuild(store, addDays(TODAY, 3))).toBe(false);
    expect((await start(addDays(TODAY, 1))).accounts).toEqual(first.accounts);
  });

  it('leaves a centre alone in which somebody has worked', async () => {
    await start();
    await store.write(async (tx) => {
      const doc = (await tx.docsOfKind('task'))[0]!;
      await tx.putDoc({ ...doc, rev: doc.rev + 1, fields: { ...doc.fields, state: 'done' } });
    });
    const before = await head();
    expect(await demoNeedsRebuild(store, addDays(TODAY, 3))).toBe(false);
    await start(addDays(TODAY, 3));
    expect(await head()).toBe(before);
  });

  it('gives new passwords when the file with them is gone', async () => {
    const first = await start();
    await unlink(path.join(dataDir, DEMO_ACCOUNTS_FILE));
    const second = await start();
    expect(second.accounts.map((account) => account.user)).toEqual(
      first.accounts.map((account) => account.user),
    );
    expect(second.accounts[0]!.password).not.toBe(first.accounts[0]!.password);
    const user = await store.read((tx) => tx.userByName(second.accounts[0]!.user));
    expect(await verifyPassword(second.accounts[0]!.password, user!.passwordHash)).toBe(true);
  });

  it('does not touch a store with other data in it', async () => {
    await store.write((tx) =>
      tx.putDoc({
        id: '01900000-0000-7000-8000-00000000000a',
        kind: 'site',
        siteId: '01900000-0000-7000-8000-00000000000a',
        rev: 1,
        fields: { name: 'Īsta vieta', code: 'X', order: 0 },
        stamps: {},
        createdBy: '01900000-0000-7000-8000-00000000000b',
      }),
    );
    expect(await start()).toEqual({ accounts: [] });
    expect(await head()).toBe(1);
    expect(await store.read((tx) => tx.meta('demo'))).toBeUndefined();
  });
});
