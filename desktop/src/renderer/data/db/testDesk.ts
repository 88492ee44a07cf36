import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { wrappedValidateZSchemaStorage } from 'rxdb/plugins/validate-z-schema';
import type { OutboxRecord } from '../core/records.ts';
import type { OpenKey } from '../keys/keyring.ts';
import { liveValue } from '../live.ts';
import { systemTimers } from '../net/timers.ts';
import type { Quarantined } from '../storage/encryptedStorage.ts';
import { testCipher } from '../storage/testStorage.ts';
import { openDatabase, type AnyStorage } from './database.ts';
import { createDocStore } from './docStore.ts';
import { createOutbox } from './outbox.ts';
import { createSync } from './sync.ts';
import { openSyncMarks } from './syncMarks.ts';
import type { SyncCalls } from './syncPorts.ts';

let names = 0;

/** For tests: a key with a database name of its own. */
export async function testKey(): Promise<OpenKey> {
  return { place: `test-${(names += 1)}`, escrow: null, cipher: await testCipher() };
}

/** For tests: a desk's database and sync over RxDB's memory storage, validated by z-schema on top of the encryption. */
export async function testDesk(calls: SyncCalls, key?: OpenKey, inner?: AnyStorage) {
  const storage = inner ?? getRxStorageMemory();
  const quarantined: Quarantined[] = [];
  const opened = key ?? (await testKey());
  const database = await openDatabase({
    key: opened,
    inner: storage,
    wrap: (encrypted) => wrappedValidateZSchemaStorage({ storage: encrypted }),
    quarantined: (document) => {
      quarantined.push(document);
    },
  });
  const outbox = createOutbox(database.outbox);
  const store = createDocStore(database);
  await store.load();
  const filed: OutboxRecord[] = [];
  const usable = liveValue(true);
  const reports: string[] = [];
  const sync = createSync({
    database,
    store,
    outbox,
    marks: await openSyncMarks(outbox),
    calls,
    link: {
      usable,
      report: (report) => {
        reports.push(report);
      },
    },
    clock: { now: () => Date.parse('2026-11-21T10:00:00.000Z') },
    timers: systemTimers,
    file: async (records) => {
      filed.push(...records);
      await outbox.put(records.map((record) => ({ id: record.id, kind: record.type, data: record })));
    },
    filedWhole: () => new Set(),
  });
  return {
    key: opened,
    storage,
    database,
    outbox,
    store,
    sync,
    filed,
    usable,
    reports,
    quarantined,
    async close() {
      await sync.stop();
      store.close();
      await database.close();
    },
  };
}

/** For tests: waits until something holds, at most two seconds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400; turn += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it did not come to hold');
}
