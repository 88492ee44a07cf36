import { newId } from '@sivis/shared/ids/ids.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { expect, it } from 'vitest';
import { toBase64, utf8 } from '../keys/bytes.ts';
import { testDesk, until } from './testDesk.ts';
import { testService } from './testService.ts';

const CANARY = 'KANARĪJPUTNIŅŠ-7f3a';

/** Every value that the inner storage holds, whatever store it is in. */
function everything(states: Map<string, { documents: Map<string, unknown> }>): string {
  return [...states].map(([name, { documents }]) => `${name}${JSON.stringify([...documents])}`).join('\n');
}

it('writes no plain text to any store: collections, replication meta, RxDB’s own', async () => {
  const service = testService((_, op) => (op.reason === 'refuse' ? CANARY : null));
  const inner = getRxStorageMemory();
  const states = inner.collectionStates as unknown as Map<string, { documents: Map<string, unknown> }>;
  const desk = await testDesk(service.calls, undefined, inner);
  await desk.sync.start();
  const site = newId();
  for (let index = 0; index < 50; index += 1) {
    service.put({
      id: newId(),
      kind: 'person',
      siteId: site,
      fields: { familyName: `${CANARY}${index}`, givenName: CANARY },
    });
  }
  desk.sync.touch(['people']);
  const op = (reason: string): Op => ({
    opId: newId(),
    kind: 'create',
    at: '2026-11-21T10:00:00.000Z',
    actor: newId(),
    device: newId(),
    reason,
    changes: { familyName: { before: null, after: CANARY }, givenName: { before: null, after: CANARY } },
  });
  await desk.store.write([
    { id: newId(), kind: 'person', siteId: site, op: op('take') },
    { id: newId(), kind: 'person', siteId: site, op: op('refuse') },
  ]);
  await desk.outbox.put([{ id: newId(), kind: 'draft', data: { text: CANARY } }]);
  await until(() => desk.store.count('people') === 51 && desk.store.pending('people').size === 0);
  const draft = (await desk.outbox.all('draft'))[0];
  if (draft) await desk.outbox.remove([draft.id]);
  await desk.sync.syncNow();

  const mine = new Map([...states].filter(([name]) => name.includes(desk.key.place)));
  // Five collections, their four replication stores, RxDB's internal store.
  expect(mine.size).toBe(10);
  const onDisk = everything(mine);
  expect(onDisk.length).toBeGreaterThan(20_000);
  for (const form of [CANARY, CANARY.normalize('NFD'), toBase64(utf8(CANARY)).slice(0, 12)]) {
    expect(onDisk).not.toContain(form);
  }
  expect(onDisk).not.toContain('familyName');
  await desk.close();
});
