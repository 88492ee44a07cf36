import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLLECTIONS, collectionOf } from '@sivis/shared/docs/kinds.ts';
import {
  TODAY,
  SITES,
  USERS,
  makeDoc,
  mayHold,
  mayView,
  subjectArbitrary,
  testId,
  worldArbitrary,
} from '../contractWorld.ts';
import type { Desk, NewDoc } from '../store.ts';
import { replicaOf, scopeOf, type SqlCondition } from '../visibility.ts';
import { DESK, person, type TestStores } from './testStores.ts';

/** Documents: pages under rights, nights, relations, operations. */
export function documentContract({ open, page }: TestStores): void {
  describe('pages under rights', () => {
    it('holds for every world and reader exactly what the pure rights say', async () => {
      const store = await open();
      await fc.assert(
        fc.asyncProperty(
          worldArbitrary,
          subjectArbitrary,
          fc.integer({ min: 1, max: 7 }),
          async (world, subject, limit) => {
            const stop = new Error('stop');
            const check = store.write(async (tx) => {
              for (const doc of world) await tx.putDoc(doc);
              for (const collection of COLLECTIONS) {
                const visible = replicaOf(subject, collection, TODAY);
                const got: string[] = [];
                for (let after = 0; ;) {
                  const rows = await tx.page(collection, after, limit, DESK, visible);
                  for (const row of rows) got.push(row.visible ? row.doc.id : `removed ${row.id}`);
                  after = rows.at(-1)?.seq ?? after;
                  if (rows.length < limit) break;
                }
                const members = world.filter((doc) => collectionOf(doc.kind) === collection);
                const expected = members
                  .filter((doc) => mayHold(subject, doc, world, TODAY))
                  .map((doc) => doc.id);
                expect(got).toEqual(expected);
                expect(await tx.visibleIds(collection, '', 1_000, visible)).toEqual([...expected].sort());
                for (const doc of members) {
                  expect(await tx.isVisible(doc.id, scopeOf(subject, doc.kind, TODAY))).toBe(
                    mayView(subject, doc, world),
                  );
                }
              }
              throw stop;
            });
            await expect(check).rejects.toBe(stop);
          },
        ),
        { numRuns: 150 },
      );
    });

    it('sends what the desk holds and may hold no longer as removals, until their arrival is confirmed', async () => {
      const store = await open();
      const visible: SqlCondition = { sql: 'd.site_id = ?', params: [SITES[0]] };
      const ids = [1, 2, 3].map((at) => testId(3, at));
      await store.write(async (tx) => {
        for (const at of [1, 2, 3]) await tx.putDoc(person(at, 'Liepa', `N${at}`));
        await tx.markHeld(DESK, ids);
      });
      const head = await store.read((tx) => tx.headSeq());
      await store.write(async (tx) => {
        await tx.putDoc({ ...person(2, 'Liepa', 'N2'), siteId: SITES[1], rev: 2 });
        await tx.putDoc({ ...person(9, 'Liepa', 'N9'), siteId: SITES[1] });
      });
      const rows = await page(store, head, 10, visible);
      expect(rows).toEqual([{ seq: head + 1, visible: false, id: testId(3, 2), kind: 'person' }]);
      expect(await store.read((tx) => tx.removalCount('people', head, DESK, visible))).toBe(1);
      expect(await store.read((tx) => tx.heldCount(DESK, 'people'))).toBe(3);

      await store.write((tx) => tx.markRemovalSent(DESK, [{ id: testId(3, 2), seq: head + 1 }]));
      // The reply may have been lost: the removal is still there for who asks again.
      expect(await page(store, head, 10, visible)).toHaveLength(1);
      expect(await store.read((tx) => tx.hasRemovalsSent(DESK, 'people', head))).toBe(false);
      expect(await store.read((tx) => tx.hasRemovalsSent(DESK, 'people', head + 1))).toBe(true);

      await store.write((tx) => tx.confirmRemovals(DESK, 'people', head + 1));
      expect(await page(store, head + 1, 10, visible)).toHaveLength(0);
      expect(await store.read((tx) => tx.heldCount(DESK, 'people'))).toBe(2);
      // Killed before the page was on its disk, the desk comes back with the older checkpoint.
      expect(await page(store, head, 10, visible)).toHaveLength(1);
    });

    it('forgets a removal when the document is handed out again', async () => {
      const store = await open();
      await store.write(async (tx) => {
        await tx.putDoc(person(1, 'Liepa', 'Ilze'));
        await tx.markHeld(DESK, [testId(3, 1)]);
        await tx.markRemovalSent(DESK, [{ id: testId(3, 1), seq: 1 }]);
        await tx.markHeld(DESK, [testId(3, 1)]);
        await tx.confirmRemovals(DESK, 'people', 5);
      });
      expect(await store.read((tx) => tx.heldCount(DESK, 'people'))).toBe(1);
    });

    it('keeps what two users of one computer hold apart', async () => {
      const store = await open();
      const other: Desk = { ...DESK, userId: USERS[1] };
      await store.write(async (tx) => {
        await tx.putDoc(person(1, 'Liepa', 'Ilze'));
        await tx.markHeld(DESK, [testId(3, 1)]);
      });
      const nothing: SqlCondition = { sql: '0 = 1', params: [] };
      expect(await store.read((tx) => tx.page('people', 0, 10, DESK, nothing))).toHaveLength(1);
      expect(await store.read((tx) => tx.page('people', 0, 10, other, nothing))).toHaveLength(0);
    });
  });

  describe('nights', () => {
    const bed = testId(9, 1);
    const nights = (...list: number[]) => list.map((night) => ({ bedId: bed, night }));

    it('lets one holder have a night and names him to the second', async () => {
      const store = await open();
      const [a, b] = [testId(4, 1), testId(4, 2)];
      expect(await store.write((tx) => tx.holdNights(a, nights(10, 11, 12)))).toEqual([]);
      expect(await store.write((tx) => tx.holdNights(b, nights(12, 13)))).toEqual([
        { bedId: bed, night: 12, holderId: a },
      ]);
      expect(await store.read((tx) => tx.nightsHeld([bed], 0, 99))).toHaveLength(3);
      expect(await store.write((tx) => tx.holdNights(a, nights(10)))).toEqual([]);
      expect(await store.write((tx) => tx.holdNights(b, nights(12, 13)))).toEqual([]);
      await store.write((tx) => tx.releaseNights(a));
      expect((await store.read((tx) => tx.nightsHeld([bed], 12, 13))).map((night) => night.holderId)).toEqual(
        [b],
      );
      expect(await store.read((tx) => tx.nightsHeld([bed], 10, 12))).toEqual([]);
      const held = (from: number, to: number) =>
        store.read((tx) => tx.bedsHeld([bed, testId(9, 2)], from, to));
      expect(await held(0, 99)).toEqual(new Set([bed]));
      expect(await held(12, 13)).toEqual(new Set([bed]));
      expect(await held(10, 12)).toEqual(new Set());
    });

    it('counts nights of stays by month, not those of blocks', async () => {
      const store = await open();
      await store.write(async (tx) => {
        await tx.putDoc(makeDoc(testId(4, 1), 'stay', SITES[0], { personId: testId(3, 1) }));
        await tx.putDoc(makeDoc(testId(6, 1), 'block', SITES[0], { targetId: bed }));
        // 2026-11-30, 2026-12-01 are the epoch days 20 787 and 20 788.
        await tx.holdNights(testId(4, 1), nights(20_787, 20_788));
        await tx.holdNights(testId(6, 1), nights(20_789));
      });
      expect(await store.read((tx) => tx.bedNightsByMonth())).toEqual({ '2026-11': 1, '2026-12': 1 });
      expect(await store.read((tx) => tx.bedsHeldOn(20_788))).toBe(1);
      expect(await store.read((tx) => tx.bedsHeldOn(20_789))).toBe(0);
    });
  });

  describe('relations', () => {
    it('finds documents by what they refer to', async () => {
      const store = await open();
      const stay = (at: number, fields: NewDoc['fields']) => makeDoc(testId(4, at), 'stay', SITES[0], fields);
      await store.write(async (tx) => {
        await tx.putDoc(
          stay(1, {
            personId: testId(3, 1),
            reservationId: testId(5, 1),
            arriveDate: '2026-11-01',
            departDate: '2026-11-10',
          }),
        );
        await tx.putDoc(
          stay(2, {
            personId: testId(3, 2),
            reservationId: testId(5, 1),
            companionOf: testId(4, 1),
            arriveDate: '2026-11-02',
            departDate: '2026-11-10',
          }),
        );
        await tx.putDoc(makeDoc(testId(8, 1), 'contact', SITES[0], { personId: testId(3, 1), value: '1' }));
        await tx.putDoc(makeDoc(testId(9, 1), 'bed', SITES[0], { roomId: testId(9, 9) }));
        await tx.putDoc(
          makeDoc(testId(6, 1), 'block', SITES[0], {
            from: '2026-11-05',
            to: '2026-11-10',
            state: 'active',
          }),
        );
        await tx.putDoc(makeDoc(testId(7, 1), 'task', SITES[0], { state: 'open', stayIds: [testId(4, 1)] }));
        await tx.putDoc(makeDoc(testId(7, 2), 'task', SITES[0], { state: 'done', stayIds: [testId(4, 1)] }));
      });
      const ids = (docs: readonly { id: string }[]) => docs.map((doc) => doc.id).sort();
      await store.read(async (tx) => {
        expect(ids(await tx.staysOfPerson(testId(3, 1)))).toEqual([testId(4, 1)]);
        expect(ids(await tx.staysOfReservation(testId(5, 1)))).toEqual([testId(4, 1), testId(4, 2)]);
        expect(ids(await tx.companionsOf(testId(4, 1)))).toEqual([testId(4, 2)]);
        expect(ids(await tx.contactsOfPerson(testId(3, 1)))).toEqual([testId(8, 1)]);
        expect(ids(await tx.childrenOf(testId(9, 9), 'bed'))).toEqual([testId(9, 1)]);
        expect(ids(await tx.openTasksOfStay(testId(4, 1)))).toEqual([testId(7, 1)]);
        expect(ids(await tx.docsWithEdgeIn('from', '2026-11-02', '2026-11-03'))).toEqual([testId(4, 2)]);
        expect(ids(await tx.docsWithEdgeIn('to', '2026-11-10', '2026-11-11'))).toEqual([
          testId(4, 1),
          testId(4, 2),
          testId(6, 1),
        ]);
        expect(ids(await tx.docsOfKind('task', SITES[0]))).toEqual([testId(7, 1), testId(7, 2)]);
        expect(ids(await tx.docs([testId(4, 2), testId(9, 1), testId(99, 1)]))).toEqual([
          testId(4, 2),
          testId(9, 1),
        ]);
      });
    });
  });

  describe('operations', () => {
    it('gives a remembered answer again and refuses a second one under its id', async () => {
      const store = await open();
      const op = {
        opId: testId(30, 1),
        docId: testId(4, 1),
        deviceId: DESK.deviceId,
        actorId: USERS[0],
        opKind: 'create',
        content: '{"head":"h"}',
        result: JSON.stringify({ opId: testId(30, 1), outcome: 'rejected' }),
      };
      await store.write((tx) => tx.putOp(op));
      expect(await store.read((tx) => tx.op(op.opId))).toEqual(op);
      await expect(store.write((tx) => tx.putOp(op))).rejects.toThrow();
      expect(await store.read((tx) => tx.wasRefused(testId(4, 1), op.actorId))).toBe(true);
      expect(await store.read((tx) => tx.wasRefused(testId(4, 2), op.actorId))).toBe(false);
    });

    it('takes a desk event once', async () => {
      const store = await open();
      await store.write((tx) => tx.markDeskEvent('a'));
      await store.write((tx) => tx.markDeskEvent('a'));
      expect(await store.read((tx) => tx.hasDeskEvent('a'))).toBe(true);
      expect(await store.read((tx) => tx.hasDeskEvent('b'))).toBe(false);
    });
  });
}
