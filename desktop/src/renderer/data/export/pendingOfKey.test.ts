import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { describe, expect, it } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { OpWrite } from '../core/unsent.ts';
import { testKey } from '../db/testDesk.ts';
import { openDeskJournal } from '../journal/deskJournal.ts';
import { testHostJournal } from '../journal/testJournal.ts';
import { toBase64 } from '../keys/bytes.ts';
import { newDeskKey } from '../net/deskKey.ts';
import { pendingRows } from './pendingFile.ts';
import { pendingOfKey } from './pendingOfKey.ts';

const NOW = Date.parse('2026-11-21T10:00:00.000Z');

function write(id: string, kind: string): OpWrite {
  const at = '2026-11-21T10:00:00.000Z';
  const op = { opId: newId(), kind, at, actor: newId(), device: newId(), changes: {} };
  return { id, kind: 'task', siteId: newId(), op };
}

async function recoveryKey(): Promise<string> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
  return toBase64(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
}

describe('the file of what was not sent', () => {
  it('holds what only the journal has: the database lost it or never got it', async () => {
    const key = await testKey();
    const { host, records } = testHostJournal();
    const journal = await openDeskJournal(host, key);
    const doc = newId();
    const [first, second, answered] = [write(doc, 'create'), write(doc, 'edit'), write(newId(), 'create')];
    await journal.keep([first, second, answered]);
    journal.done([answered.op.opId]);
    await journal.settled();
    const before = records();
    const ports = {
      recoveryKey: await recoveryKey(),
      deskKey: await newDeskKey(),
      deviceId: newId(),
      nowMs: NOW,
    };
    const file = await pendingOfKey(key, getRxStorageMemory(), host, ports);
    expect(file?.count).toBe(2);
    expect(await pendingOfKey(key, getRxStorageMemory(), null, ports)).toBeNull();
    // Reading leaves the journal as it was.
    expect(records()).toBe(before);
  });

  it('names each operation once, with its document and in its order', () => {
    const doc = newId();
    const [first, second] = [write(doc, 'create'), write(doc, 'edit')];
    const local = { ...first, fields: {}, base: {}, rev: 0, deleted: false, ops: [first.op] };
    const store = {
      pending: (collection: string) =>
        new Map(collection === 'work' ? [[doc, local as never]] : []) as ReadonlyMap<string, never>,
    };
    const rows = pendingRows(store, [first, second]);
    expect(rows).toEqual([{ id: doc, kind: 'task', siteId: first.siteId, ops: [first.op, second.op] }]);
  });
});
