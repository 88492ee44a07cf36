import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { COLLECTIONS } from '@sivis/shared/docs/kinds.ts';
import { makeDoc, SITES, testId, USERS } from '../../src/store/contractWorld.ts';
import { openPostgresStore } from '../../src/store/postgres/open.ts';
import type { Desk, Store } from '../../src/store/store.ts';
import type { SqlCondition } from '../../src/store/visibility.ts';
import { as, createCluster, createDatabase, TEMPLATE } from './cluster.ts';
import { HAS_POSTGRES, POSTGRES_BIN, serverUrl } from './server.ts';

const EVERYTHING: SqlCondition = { sql: '1 = 1', params: [] };
const DESK: Desk = { deviceId: testId(20, 1), userId: USERS[0] };

interface Acknowledged {
  readonly ids: string[];
  readonly ended: Promise<number>;
}

/** A process that writes; what it says was committed, as it says so. */
function writer(url: string, name: number, count: number, width: number): Acknowledged {
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'writers.ts'), url, String(name), String(count), String(width)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ids: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => ids.push(line.split(' ')[0] ?? ''));
  return { ids, ended: new Promise((resolve) => child.once('close', (code) => resolve(code ?? -1))) };
}

async function open(database: string): Promise<Store> {
  return openPostgresStore({ url: serverUrl(database) });
}

describe.skipIf(!HAS_POSTGRES)('several writers on one database', () => {
  it('a reader that pages by checkpoint meanwhile gets every document, each change once and in order', async () => {
    const database = await createDatabase(serverUrl);
    const store = await open(database);
    const total = 4 * 4 * 25;
    const writers = [1, 2, 3, 4].map((name) => writer(serverUrl(database), name, 100, 4));
    const state = { writing: true };
    const finished = Promise.all(writers.map(({ ended }) => ended)).then((codes) => {
      state.writing = false;
      return codes;
    });
    const latest = new Map<string, number>();
    let after = 0;
    let pages = 0;
    const readPage = async (limit: number): Promise<number> => {
      const rows = await store.read((tx) => tx.page('people', after, limit, DESK, EVERYTHING));
      for (const row of rows) {
        expect(row.seq).toBeGreaterThan(after);
        after = row.seq;
        if (row.visible) latest.set(row.doc.id, row.seq);
      }
      pages += 1;
      return rows.length;
    };
    while (state.writing) await readPage(1 + (pages % 9));
    expect(await finished).toEqual([0, 0, 0, 0]);
    while ((await readPage(500)) > 0);

    const acknowledged = writers.flatMap(({ ids }) => ids);
    expect(acknowledged).toHaveLength(total);
    expect([...latest.keys()].sort()).toEqual([...acknowledged].sort());
    const stored = await store.read((tx) => tx.docsOfKind('person'));
    expect(new Map(stored.map((doc) => [doc.id, doc.seq]))).toEqual(latest);
    expect(after).toBe(await store.read((tx) => tx.headSeq()));
    await store.close();
  });

  it('rules hold across instances: of many who count and then write, one is let through', async () => {
    const database = await createDatabase(serverUrl);
    const stores = await Promise.all([open(database), open(database), open(database)]);
    const claim = (store: Store): Promise<boolean> =>
      store.write(async (tx) => {
        if ((await tx.attemptsSince('key', 0)) >= 1) return false;
        await tx.addAttempt('key', Date.now());
        return true;
      });
    const answers = await Promise.all(
      stores.flatMap((store) => Array.from({ length: 10 }, () => claim(store))),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    for (const store of stores) await store.close();
  });

  it('tells every instance of a commit, and after a lost connection of everything', async () => {
    const database = await createDatabase(serverUrl);
    const [a, b] = await Promise.all([open(database), open(database)]);
    const heard: string[][] = [];
    const told: string[] = [];
    let wake = (): void => undefined;
    const until = async (done: () => boolean): Promise<void> => {
      while (!done()) await new Promise<void>((resolve) => (wake = resolve));
    };
    b.onCommit((collections) => {
      heard.push([...collections]);
      wake();
    });
    b.onTold(
      (topic, text) => {
        told.push(`${topic}:${text}`);
        wake();
      },
      () => {
        told.push('resumed');
        wake();
      },
    );
    a.onTold(
      () => told.push('to itself'),
      () => undefined,
    );
    const put = (at: number): Promise<number> =>
      a.write((tx) => tx.putDoc(makeDoc(testId(3, at), 'person', SITES[0], { familyName: 'Liepa' })));
    await put(1);
    await a.tell('socket', 'desk 1 5');
    await until(() => heard.length > 0 && told.length > 0);
    expect(heard).toEqual([['people']]);
    expect(told).toEqual(['socket:desk 1 5']);

    await as(serverUrl(database, 'admin'), (client) =>
      client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = $1 AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'`,
        [database],
      ),
    );
    await put(2);
    await until(() => told.includes('resumed'));
    expect(heard).toContainEqual([...COLLECTIONS]);
    await put(3);
    await until(() => heard.at(-1)?.join() === 'people');
    for (const store of [a, b]) await store.close();
  });

  it('shares counters and numbers that pass once between instances', async () => {
    const database = await createDatabase(serverUrl);
    const [a, b] = await Promise.all([open(database), open(database)]);
    const now = Date.now();
    const counts = await Promise.all(
      Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? a : b).shared.count('k', 60_000)),
    );
    expect([...counts].sort((x, y) => x - y)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
    const firsts = await Promise.all([a, b, a, b].map((store) => store.shared.once('jti', now + 5_000, now)));
    expect(firsts.filter(Boolean)).toHaveLength(1);
    expect(await b.shared.once('jti', now + 9_000, now + 5_001)).toBe(true);
    for (const store of [a, b]) await store.close();
  });

  it('tries again what others made fail, and gives up what it may not do', async () => {
    const database = await createDatabase(serverUrl);
    const store = await open(database);
    let tries = 0;
    const done = await store.write(async (tx) => {
      tries += 1;
      await tx.setMeta('tries', String(tries));
      if (tries < 3) throw Object.assign(new Error('could not serialize access'), { code: '40001' });
      return 'done';
    });
    expect([done, tries]).toEqual(['done', 3]);
    expect(await store.read((tx) => tx.meta('tries'))).toBe('3');
    const op = { opId: 'a', docId: '', deviceId: '', actorId: '', opKind: '', content: '', result: '{}' };
    // An error inside a transaction that the work swallows must not look like a commit.
    await expect(
      store.write(async (tx) => {
        await tx.putOp(op);
        await tx.putOp(op).catch(() => undefined);
      }),
    ).rejects.toThrow();
    expect(await store.read((tx) => tx.op('a'))).toBeUndefined();
    await store.close();
  });

  it('another instance that stops in the middle of a transaction does not hold the rest up for ever', async () => {
    const database = await createDatabase(serverUrl);
    const store = await open(database);
    await as(serverUrl(database), async (client) => {
      client.on('error', () => undefined);
      // As the service's own connections are, only quicker.
      await client.query('SET idle_in_transaction_session_timeout = 300');
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock(7348100)');
      await store.write((tx) => tx.setMeta('a', 'b'));
    }).catch(() => undefined);
    expect(await store.read((tx) => tx.meta('a'))).toBe('b');
    await store.close();
  });
});

describe.skipIf(!HAS_POSTGRES)('a database that is killed while everybody writes', () => {
  it('answers "try again" meanwhile, has every acknowledged write afterwards, and is used again without a restart', async () => {
    const cluster = await createCluster(POSTGRES_BIN);
    const store = await openPostgresStore({ url: cluster.url(TEMPLATE) });
    const acknowledged = new Set<string>();
    const codes = new Set<string>();
    let at = 0;
    const state = { going: true };
    const lane = async (): Promise<void> => {
      while (state.going) {
        const id = testId(3, (at += 1));
        try {
          await store.write(async (tx) => {
            await tx.putDoc(makeDoc(id, 'person', SITES[0], { familyName: 'Liepa', givenName: id }));
          });
          acknowledged.add(id);
        } catch (error) {
          codes.add((error as { code?: string }).code ?? String(error));
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }
    };
    const lanes = Array.from({ length: 8 }, lane);
    for (let round = 0; round < 3; round += 1) {
      const before = acknowledged.size;
      while (acknowledged.size < before + 30) await new Promise((resolve) => setTimeout(resolve, 5));
      await cluster.kill();
      await cluster.start();
    }
    const before = acknowledged.size;
    while (acknowledged.size < before + 10) await new Promise((resolve) => setTimeout(resolve, 5));
    state.going = false;
    await Promise.all(lanes);
    const there = new Set((await store.read((tx) => tx.docsOfKind('person'))).map((doc) => doc.id));
    expect([...acknowledged].filter((id) => !there.has(id))).toEqual([]);
    expect([...codes]).toEqual(['UNAVAILABLE']);
    await store.close();
    await cluster.stop();
  });
});
