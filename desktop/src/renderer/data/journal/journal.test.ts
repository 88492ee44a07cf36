import { describe, expect, it } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import { missing, replay, type OpWrite } from '../core/unsent.ts';
import { testDesk, testKey, until } from '../db/testDesk.ts';
import { testService } from '../db/testService.ts';
import { openDeskJournal } from './deskJournal.ts';
import { journaledStore } from './journaledStore.ts';
import { testHostJournal } from './testJournal.ts';
import { answeredOps, ownRecords, restoreRecords } from './unsentOfDesk.ts';

const SITE = newId();
const TASK = { taskKind: 'manual', state: 'open', ownerRole: 'reception' } as const;

function create(id: string, title: string): OpWrite {
  const fields = { ...TASK, title };
  const changes = Object.fromEntries(
    Object.entries(fields).map(([name, after]) => [name, { before: null, after }]),
  );
  return { id, kind: 'task', siteId: SITE, op: op('create', changes) };
}

function edit(id: string, before: string, after: string): OpWrite {
  return { id, kind: 'task', siteId: SITE, op: op('edit', { title: { before, after } }) };
}

function op(kind: string, changes: OpWrite['op']['changes']): OpWrite['op'] {
  const at = '2026-11-21T10:00:00.000Z';
  return { opId: newId(), kind, at, actor: newId(), device: newId(), changes };
}

const idsOf = (writes: readonly OpWrite[]): string[] => writes.map((write) => write.op.opId);

describe('what is unsent', () => {
  const [first, second, third] = [create(newId(), 'a'), create(newId(), 'b'), create(newId(), 'c')];

  it('is what was kept and is not done, once each, in its order', () => {
    const state = { writes: [first], records: [] };
    const notes = [
      { keep: [first, second] },
      { done: [first.op.opId] },
      { keep: [third] },
      { keep: [second] },
    ];
    expect(replay(state, notes).writes).toEqual([second, third]);
    expect(replay(replay(state, notes), notes).writes).toEqual([second, third]);
  });

  it('waits for a document that is not here, unless an earlier operation makes it', () => {
    const made = newId();
    const writes = [create(made, 'x'), edit(made, 'x', 'y'), edit(newId(), 'p', 'q')];
    const found = missing(writes, () => undefined);
    expect(found.now).toEqual(writes.slice(0, 2));
    expect(found.later).toEqual(writes.slice(2));
    expect(missing(writes, (write) => new Set([write.op.opId]))).toEqual({ now: [], later: [] });
  });
});

describe('a desk with a journal', () => {
  async function setUp(journal = testHostJournal()) {
    const service = testService();
    const key = await testKey();
    const open = async () => {
      const desk = await testDesk(service.calls, key);
      const opened = await openDeskJournal(journal.host, key);
      return { desk, opened, store: journaledStore(desk.store, opened) };
    };
    return { service, key, journal, open };
  }

  it('has an operation in the journal before it is saved, and gives it back to an empty storage', async () => {
    const { journal, open } = await setUp();
    const before = await open();
    const [doc, gone] = [newId(), newId()];
    const writes = [create(doc, 'a'), edit(doc, 'a', 'b'), edit(gone, 'p', 'q')];
    for (const write of writes) await before.store.write([write]);
    await before.desk.outbox.put([{ id: newId(), kind: 'draft', data: { text: 'begun' } }]);
    await before.store.save(() => ownRecords(before.desk.outbox));
    const last = edit(doc, 'b', 'c');
    await before.store.write([last]);
    await before.store.settled();
    await before.desk.database.db.remove();

    const after = await open();
    expect(idsOf(after.opened.found.writes)).toEqual(idsOf([...writes, last]));
    expect(await restoreRecords(after.desk.outbox, after.opened)).toBe(true);
    expect(await restoreRecords(after.desk.outbox, after.opened)).toBe(false);
    expect((await after.desk.outbox.all('draft')).map(({ data }) => data)).toEqual([{ text: 'begun' }]);
    expect(await after.store.restore(await answeredOps(after.desk.outbox))).toBe(4);
    expect(
      after.desk.store
        .pending('work')
        .get(doc)
        ?.ops.map((one) => one.opId),
    ).toEqual(idsOf([writes[0], writes[1], last] as OpWrite[]));
    // The one whose document is not here waits, and goes to the service when everything was received.
    expect(after.store.waits()).toBe(true);
    await after.store.release();
    expect(after.desk.store.pending('work').get(gone)?.ops).toHaveLength(1);
    expect(journal.snapshots()).toBe(1);
    await after.desk.close();
  });

  it('forgets what the service has answered, and repeats nothing that the desk knows as answered', async () => {
    const { service, journal, open } = await setUp();
    const { desk, store } = await open();
    await desk.sync.start();
    const doc = newId();
    await store.write([create(doc, 'a')]);
    await until(() => desk.store.pending('work').size === 0 && service.docs.has(doc));
    await store.settled();
    const again = await openDeskJournal(journal.host, desk.key);
    expect(again.found.writes).toEqual([]);
    await desk.close();
  });

  it('says that nothing is saved when the journal does not take it, and does not bring it back', async () => {
    const { journal, open } = await setUp();
    const { desk, store } = await open();
    journal.state.refuse = true;
    const doc = newId();
    await expect(store.write([create(doc, 'a')])).rejects.toMatchObject({ code: 'NOT_WRITTEN' });
    expect(desk.store.pending('work').has(doc)).toBe(false);
    journal.state.refuse = false;
    const later = await openDeskJournal(journal.host, desk.key);
    expect(later.found.writes).toEqual([]);
    await desk.close();
  });

  it('reads an older snapshot with the notes since when the newest is damaged', async () => {
    const { journal, open } = await setUp();
    const { desk, store } = await open();
    const writes = [create(newId(), 'a'), create(newId(), 'b'), create(newId(), 'c')];
    for (const write of writes) {
      await store.write([write]);
      await store.save(() => ownRecords(desk.outbox));
    }
    journal.damageNewestSnapshot();
    const later = await openDeskJournal(journal.host, desk.key);
    expect(later.lost).toBe(true);
    expect(idsOf(later.found.writes)).toEqual(idsOf(writes));
    await desk.close();
  });

  it('keeps what is being written while a snapshot is made', async () => {
    const { journal, open } = await setUp();
    const { desk, store } = await open();
    const writes = Array.from({ length: 12 }, (_, index) => create(newId(), String(index)));
    await Promise.all([
      ...writes.map((write) => store.write([write])),
      ...[1, 2, 3].map(() => store.save(() => ownRecords(desk.outbox))),
    ]);
    const later = await openDeskJournal(journal.host, desk.key);
    expect(new Set(idsOf(later.found.writes))).toEqual(new Set(idsOf(writes)));
    await desk.close();
  });
});
