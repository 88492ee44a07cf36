import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Subject } from '@sivis/shared/access/can.ts';
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
} from './contractWorld.ts';
import type { AuditIndex, Desk, NewDoc, PageRow, Store } from './store.ts';
import { replicaOf, scopeOf, type SqlCondition } from './visibility.ts';

/** What the contract needs of an engine. */
export interface ContractEngine {
  /** Opens the store that lives in the folder; the same folder opens the same store. */
  open(dir: string): Promise<Store>;
  /** Opens the copy that `backupTo` wrote. */
  openCopy(file: string): Promise<Store>;
  /** A program that writes document after document and prints the number of each acknowledged one. */
  crashWriter: string;
  /** What that program is told of the store in the folder. */
  crashTarget(dir: string): Promise<string>;
  /** Tries to rewrite the audit log past the interface; resolves with how many of the ways were refused, of how many. */
  tamper(store: Store): Promise<{ refused: number; tried: number }>;
}

const EVERYTHING: SqlCondition = { sql: '1 = 1', params: [] };
const DESK: Desk = { deviceId: testId(20, 1), userId: USERS[0] };
const RECEPTION: Subject = { userId: USERS[0], role: 'reception', siteIds: [SITES[0]] };

const index = (seq: number, more: Partial<AuditIndex> = {}): AuditIndex => ({
  at: `2026-11-21T10:00:${String(seq % 60).padStart(2, '0')}.000Z`,
  happenedAt: `2026-11-21T10:00:${String(seq % 60).padStart(2, '0')}.000Z`,
  actorId: USERS[0],
  deviceId: DESK.deviceId,
  action: 'view',
  siteId: SITES[0],
  subjectRefs: [],
  personal: false,
  ...more,
});

const person = (at: number, family: string, given: string, more: NewDoc['fields'] = {}): NewDoc =>
  makeDoc(testId(3, at), 'person', SITES[0], { familyName: family, givenName: given, ...more });

/** The contract of every store, run against one engine. */
export function storeContract(name: string, engine: ContractEngine): void {
  describe(`store contract: ${name}`, () => {
    const opened: Store[] = [];
    const dirs: string[] = [];

    const folder = (): string => {
      const dir = mkdtempSync(path.join(tmpdir(), 'sivis-store-'));
      dirs.push(dir);
      return dir;
    };
    const open = async (dir = folder()): Promise<Store> => {
      const store = await engine.open(dir);
      opened.push(store);
      return store;
    };
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
      for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
    });

    const page = (store: Store, after: number, limit = 100, visible = EVERYTHING): Promise<PageRow[]> =>
      store.read((tx) => tx.page('people', after, limit, DESK, visible));

    describe('transactions', () => {
      it('takes back everything when the work fails, and goes on', async () => {
        const store = await open();
        await expect(
          store.write(async (tx) => {
            await tx.putDoc(person(1, 'Liepa', 'Ilze'));
            await tx.setMeta('key', 'value');
            throw new Error('broken');
          }),
        ).rejects.toThrow('broken');
        expect(await store.read((tx) => tx.doc(testId(3, 1)))).toBeUndefined();
        expect(await store.read((tx) => tx.meta('key'))).toBeUndefined();
        await store.write((tx) => tx.putDoc(person(1, 'Liepa', 'Ilze')));
        expect((await store.read((tx) => tx.doc(testId(3, 1))))?.fields['familyName']).toBe('Liepa');
      });

      it('gives sequence numbers in the order of commits, even when works interleave', async () => {
        const store = await open();
        const order: number[] = [];
        await Promise.all(
          Array.from({ length: 20 }, (_, at) =>
            store.write(async (tx) => {
              await new Promise((resolve) => setImmediate(resolve));
              order.push(await tx.putDoc(person(at, 'Ozols', `N${at}`)));
            }),
          ),
        );
        expect(order).toEqual([...order].sort((a, b) => a - b));
        expect(new Set(order).size).toBe(20);
        expect(await store.read((tx) => tx.headSeq())).toBe(order.at(-1));
      });

      it('lets a reader who pages by checkpoint beside forty writers miss no commit, however late it comes', async () => {
        const store = await open();
        const state = { writing: true };
        const lane = async (name: number): Promise<void> => {
          for (let at = 0; at < 5; at += 1) {
            await store.write(async (tx) => {
              await tx.putDoc(person(1 + name * 5 + at, 'Ozols', `N${at}`));
              // Between the number and the commit some take longer than others.
              for (let wait = (name * 7 + at) % 4; wait > 0; wait -= 1)
                await new Promise((resolve) => setImmediate(resolve));
              if (at === 4) await tx.touchDocs([testId(3, 1 + name * 5)]);
            });
          }
        };
        const writing = Promise.all(Array.from({ length: 40 }, (_, name) => lane(name))).then(() => {
          state.writing = false;
        });
        const latest = new Map<string, number>();
        let after = 0;
        const readPage = async (limit: number): Promise<number> => {
          const rows = await page(store, after, limit);
          for (const row of rows) {
            expect(row.seq).toBeGreaterThan(after);
            after = row.seq;
            if (row.visible) latest.set(row.doc.id, row.seq);
          }
          return rows.length;
        };
        for (let turn = 0; state.writing; turn += 1) {
          await readPage(1 + (turn % 9));
          await new Promise((resolve) => setImmediate(resolve));
        }
        await writing;
        while ((await readPage(500)) > 0);
        const stored = await store.read((tx) => tx.docsOfKind('person'));
        expect(stored).toHaveLength(200);
        expect(new Map(stored.map((doc) => [doc.id, doc.seq]))).toEqual(latest);
      });

      it('pages over gaps that changed and failed documents leave', async () => {
        const store = await open();
        for (let at = 1; at <= 6; at += 1)
          await store.write((tx) => tx.putDoc(person(at, 'Kalns', `N${at}`)));
        await store.write(async (tx) => {
          await tx.putDoc({ ...person(2, 'Kalna', 'N2'), rev: 2 });
          await tx.touchDocs([testId(3, 4)]);
        });
        const seen: string[] = [];
        for (let after = 0; ;) {
          const rows = await page(store, after, 2);
          for (const row of rows) seen.push(row.visible ? row.doc.id : row.id);
          after = rows.at(-1)?.seq ?? after;
          if (rows.length < 2) break;
        }
        expect(seen).toEqual([1, 3, 5, 6, 2, 4].map((at) => testId(3, at)));
      });

      it('shows a read one snapshot, whatever is committed meanwhile', async () => {
        const store = await open();
        await store.write((tx) => tx.putDoc(person(1, 'Liepa', 'Ilze')));
        const counts = await store.read(async (tx) => {
          const before = await tx.countDocs('person');
          await store.write((writing) => writing.putDoc(person(2, 'Ozola', 'Anna')));
          return [before, await tx.countDocs('person')];
        });
        expect(counts).toEqual([1, 1]);
        expect(await store.read((tx) => tx.countDocs('person'))).toBe(2);
      });

      it('tells listeners after the commit which collections changed', async () => {
        const store = await open();
        const told: string[] = [];
        const stop = store.onCommit((collections) => told.push(collections.join('+')));
        await store.write((tx) => tx.putDoc(person(1, 'Liepa', 'Ilze')));
        await store.write((tx) => tx.setMeta('a', 'b'));
        await store
          .write(async (tx) => {
            await tx.putDoc(person(1, 'Liepa', 'Ilze'));
            throw new Error('broken');
          })
          .catch(() => undefined);
        stop();
        await store.write((tx) => tx.touchDocs([testId(3, 1)]));
        expect(told).toEqual(['people']);
      });

      it('keeps what it was given over a restart', async () => {
        const dir = folder();
        const first = await open(dir);
        const doc = person(1, 'Šķēle', 'Žanna', { personalCode: '320101-12345' });
        const seq = await first.write((tx) =>
          tx.putDoc({ ...doc, stamps: { familyName: { by: 'a', at: 'b', device: 'c' } } }),
        );
        const epoch = await first.read((tx) => tx.meta('epoch'));
        await first.close();
        opened.splice(opened.indexOf(first), 1);
        const second = await open(dir);
        expect(await second.read((tx) => tx.doc(doc.id))).toEqual({
          ...doc,
          seq,
          stamps: { familyName: { by: 'a', at: 'b', device: 'c' } },
        });
        expect(await second.read((tx) => tx.meta('epoch'))).toBe(epoch);
        expect(epoch).not.toBe(undefined);
      });
    });

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
        expect(
          (await store.read((tx) => tx.nightsHeld([bed], 12, 13))).map((night) => night.holderId),
        ).toEqual([b]);
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
        const stay = (at: number, fields: NewDoc['fields']) =>
          makeDoc(testId(4, at), 'stay', SITES[0], fields);
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
          await tx.putDoc(
            makeDoc(testId(7, 1), 'task', SITES[0], { state: 'open', stayIds: [testId(4, 1)] }),
          );
          await tx.putDoc(
            makeDoc(testId(7, 2), 'task', SITES[0], { state: 'done', stayIds: [testId(4, 1)] }),
          );
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

    describe('search', () => {
      const search = (store: Store, text: string) =>
        store.read((tx) => tx.searchPeople(text, 10, scopeOf(RECEPTION, 'person', TODAY)));

      it('folds, meets other forms of a name, and puts the best first', async () => {
        const store = await open();
        await store.write(async (tx) => {
          await tx.putDoc(person(1, 'Bērziņš', 'Jānis'));
          await tx.putDoc(person(2, 'Bērziņa', 'Anna'));
          await tx.putDoc(person(3, 'Bērzkalne', 'Inga'));
          await tx.putDoc(
            person(4, 'Kalniņa', 'Bērta', { formerNames: [{ familyName: 'Bērziņa', givenName: 'Bērta' }] }),
          );
          await tx.putDoc({ ...person(5, 'Bērziņš', 'Citur'), siteId: SITES[1] });
        });
        const at = async (text: string) => (await search(store, text)).ids.map((id) => Number(id.slice(-8)));
        const forms = await at('Bērziņš');
        expect(forms.slice(0, 2)).toEqual([1, 2]);
        expect([...forms].sort()).toEqual([1, 2, 3, 4]);
        expect((await at('berzina')).slice(0, 3)).toEqual([2, 4, 1]);
        expect(await at('anna bērz')).toEqual([2]);
        expect(await at('BĒRZ')).toEqual([2, 1, 3, 4]);
        expect(await at('jan berz')).toEqual([1]);
        expect(await at('zzz')).toEqual([]);
        expect((await search(store, 'berz')).total).toBe(4);
        expect(await at('"*) OR (')).toEqual([]);
      });

      it('finds fragments of a personas kods and of a phone', async () => {
        const store = await open();
        await store.write(async (tx) => {
          await tx.putDoc(
            person(1, 'Liepa', 'Ilze', {
              personalCode: '329999-90011',
              previousPersonalCodes: ['010118-20027'],
            }),
          );
          await tx.putDoc(person(2, 'Ozola', 'Anna'));
          await tx.putDoc(
            makeDoc(testId(8, 1), 'contact', SITES[0], {
              personId: testId(3, 2),
              contactKind: 'phone',
              value: '+371 2612 3456',
            }),
          );
        });
        const at = async (text: string) => (await search(store, text)).ids.map((id) => Number(id.slice(-8)));
        expect(await at('329999-9')).toEqual([1]);
        expect(await at('90011')).toEqual([1]);
        expect(await at('9990')).toEqual([1]);
        expect(await at('010118')).toEqual([1]);
        expect(await at('2612 34')).toEqual([2]);
        expect(await at('26123456')).toEqual([2]);
        expect(await at('+371 26123456')).toEqual([2]);
        expect(await at('ozola 3456')).toEqual([2]);
        expect(await at('12')).toEqual([]);
        expect(await store.read((tx) => tx.peopleWithCode('329999-90011'))).toEqual([testId(3, 1)]);
        expect(await store.read((tx) => tx.peopleWithCode('010118-20027'))).toEqual([testId(3, 1)]);
      });

      it('follows a changed name, code and phone', async () => {
        const store = await open();
        await store.write(async (tx) => {
          await tx.putDoc(
            makeDoc(testId(8, 1), 'contact', SITES[0], {
              personId: testId(3, 1),
              contactKind: 'phone',
              value: '26123456',
            }),
          );
          await tx.putDoc(person(1, 'Liepa', 'Ilze', { personalCode: '329999-90011' }));
        });
        expect((await search(store, '26123')).total).toBe(1);
        await store.write(async (tx) => {
          await tx.putDoc({ ...person(1, 'Kļava', 'Ilze', { personalCode: '329999-90022' }), rev: 2 });
          await tx.putDoc(
            makeDoc(testId(8, 1), 'contact', SITES[0], {
              personId: testId(3, 1),
              contactKind: 'phone',
              value: '29999999',
            }),
          );
        });
        for (const gone of ['liepa', '90011', '26123']) expect((await search(store, gone)).total).toBe(0);
        for (const there of ['klava', '90022', '29999']) expect((await search(store, there)).total).toBe(1);
      });
    });

    describe('audit', () => {
      it('numbers entries without gaps and finds them again', async () => {
        const store = await open();
        for (let at = 1; at <= 5; at += 1) {
          const seq = await store.write((tx) =>
            tx.appendAudit(
              `{"n":${at}}`,
              `hash${at}`,
              at === 3 ? null : `{"p":${at}}`,
              at === 3 ? null : 'aa',
              {
                ...index(at, {
                  subjectRefs: at % 2 === 0 ? ['s'] : [],
                  personal: at % 2 === 0,
                  action: at === 5 ? 'list' : 'view',
                }),
              },
            ),
          );
          expect(seq).toBe(at);
        }
        await store
          .write(async (tx) => {
            await tx.appendAudit('{}', 'h', null, null, index(9));
            throw new Error('broken');
          })
          .catch(() => undefined);
        const numbers = async (
          filter: Parameters<Parameters<Parameters<Store['read']>[0]>[0]['auditPage']>[0],
          limit = 10,
        ) => {
          const found = await store.read((tx) => tx.auditPage(filter, limit));
          return [found.rows.map((row) => row.seq), found.total];
        };
        expect(await numbers({})).toEqual([[5, 4, 3, 2, 1], 5]);
        expect(await numbers({}, 2)).toEqual([[5, 4], 5]);
        expect(await numbers({ before: 3 })).toEqual([[2, 1], 5]);
        expect(await numbers({ subjectRef: 's' })).toEqual([[4, 2], 2]);
        expect(await numbers({ personal: false, excludeActions: ['list'] })).toEqual([[3, 1], 2]);
        expect(await numbers({ actions: ['list'] })).toEqual([[5], 1]);
        expect(await numbers({ siteIds: [SITES[1]] })).toEqual([[], 0]);
        expect(await numbers({ from: index(2).happenedAt, to: index(4).happenedAt })).toEqual([[3, 2], 2]);
        expect(await store.read((tx) => tx.auditRow(3))).toEqual({
          seq: 3,
          envelope: '{"n":3}',
          leafHash: 'hash3',
          payload: null,
          salt: null,
        });
        expect((await store.read((tx) => tx.auditRange(2, 2))).map((row) => row.seq)).toEqual([3, 4]);
        expect(await store.read((tx) => tx.auditSize())).toBe(5);
      });

      const hash = (at: number): string => at.toString(16).padStart(64, '0');
      const fill = (store: Store, count: number) =>
        store.write(async (tx) => {
          for (let at = 1; at <= count; at += 1)
            await tx.appendAudit(
              `{"n":${at}}`,
              hash(at),
              `{"p":${at}}`,
              'aa',
              index(at, { subjectRefs: ['s'] }),
            );
        });

      it('erases payloads that an entry orders, and nothing else of them', async () => {
        const store = await open();
        await fill(store, 4);
        expect(await store.write((tx) => tx.eraseAuditPayloads([1, 3, 3], 4))).toBe(2);
        expect(await store.write((tx) => tx.eraseAuditPayloads([1], 4))).toBe(0);
        const rows = await store.read((tx) => tx.auditRange(0, 10));
        expect(rows.map(({ seq, payload }) => [seq, payload])).toEqual([
          [1, null],
          [2, '{"p":2}'],
          [3, null],
          [4, '{"p":4}'],
        ]);
        expect(rows[0]).toMatchObject({ envelope: '{"n":1}', leafHash: hash(1), salt: null });
        expect((await store.read((tx) => tx.auditPage({ subjectRef: 's' }, 10))).total).toBe(4);
      });

      it('removes old entries in whole bundles as an entry orders, and keeps their hashes', async () => {
        const store = await open();
        await fill(store, 600);
        expect(await store.read((tx) => tx.auditRemovedTo())).toBe(0);
        for (const [upTo, orderedBy] of [
          [255, 600],
          [256, 599],
          [768, 600],
        ] as const)
          await expect(store.write((tx) => tx.removeAuditEntries(upTo, orderedBy))).rejects.toThrow();
        expect(await store.write((tx) => tx.removeAuditEntries(256, 600))).toBe(256);
        expect(await store.read((tx) => tx.auditRemovedTo())).toBe(256);
        expect(await store.write((tx) => tx.removeAuditEntries(256, 600))).toBe(0);
        const leaves = await store.read((tx) => tx.auditLeaves(0, 10_000));
        expect(leaves).toEqual(Array.from({ length: 600 }, (_, at) => hash(at + 1)));
        expect(await store.read((tx) => tx.auditLeaves(250, 10))).toEqual(leaves.slice(250, 260));
        expect(await store.read((tx) => tx.auditLeaves(300, 2))).toEqual(leaves.slice(300, 302));
        expect(await store.read((tx) => tx.auditSize())).toBe(600);
        expect(await store.read((tx) => tx.auditRow(256))).toBeUndefined();
        expect((await store.read((tx) => tx.auditRow(257)))?.payload).toBe('{"p":257}');
        expect((await store.read((tx) => tx.auditPage({ subjectRef: 's' }, 1))).total).toBe(344);
        // What is left is still append-only, and goes on with the next number.
        expect(await store.write((tx) => tx.appendAudit('{}', hash(601), null, null, index(601)))).toBe(601);
        expect(await store.write((tx) => tx.removeAuditEntries(512, 601))).toBe(256);
        expect(await store.read((tx) => tx.auditLeaves(0, 10_000))).toEqual([...leaves, hash(601)]);
      });

      it('keeps the sequences of desks and what witnesses have seen', async () => {
        const store = await open();
        const event = (n: number, id = 'c') => ({ id, n, hash: hash(n) });
        await store.write(async (tx) => {
          await tx.putDeskChain('d', 'u', event(1), true);
          await tx.putDeskChain('d', 'u', event(3), true);
          await tx.putDeskChain('d', 'u', event(2), false);
          await tx.putDeskChain('d', 'v', event(9, 'e'), true);
          await tx.putDeskChain('d', 'u', { ...event(1), hash: hash(99) }, false);
        });
        await store.read(async (tx) => {
          expect(await tx.deskChain('d', 'u')).toEqual(event(3));
          expect(await tx.deskChain('d', 'v')).toEqual(event(9, 'e'));
          expect(await tx.deskChain('x', 'u')).toBeUndefined();
          expect(await tx.deskChainHash('d', 'u', 'c', 1)).toBe(hash(1));
          expect(await tx.deskChainHash('d', 'u', 'c', 2)).toBe(hash(2));
          expect(await tx.deskChainHash('d', 'u', 'e', 2)).toBeUndefined();
        });
        const witness = (name: string, size: number, at: string) =>
          ({ name, kind: 'desk', origin: 'o', size, root: hash(size), at }) as const;
        await store.write(async (tx) => {
          await tx.putWitness(witness('a', 1, '2026-11-21T10:00:00.000Z'));
          await tx.putWitness(witness('b', 2, '2026-11-21T10:00:01.000Z'));
          await tx.putWitness(witness('a', 3, '2026-11-21T10:00:02.000Z'));
        });
        expect(await store.read((tx) => tx.witnesses())).toEqual([
          witness('a', 3, '2026-11-21T10:00:02.000Z'),
          witness('b', 2, '2026-11-21T10:00:01.000Z'),
        ]);
      });

      it('refuses every way to rewrite it', async () => {
        const store = await open();
        await store.write((tx) =>
          tx.appendAudit('{"n":1}', 'h', '{"p":1}', 'aa', index(1, { subjectRefs: ['s'] })),
        );
        const { refused, tried } = await engine.tamper(store);
        expect(refused).toBe(tried);
        expect(tried).toBeGreaterThan(8);
        expect(await store.read((tx) => tx.auditRow(1))).toEqual({
          seq: 1,
          envelope: '{"n":1}',
          leafHash: 'h',
          payload: '{"p":1}',
          salt: 'aa',
        });
      });
    });

    describe('identity', () => {
      it('keeps users, devices, sessions and attempts', async () => {
        const store = await open();
        const user = {
          id: USERS[0],
          user: 'anna',
          name: 'Anna',
          role: 'reception' as const,
          siteIds: [SITES[0]],
          passwordHash: 'x',
          disabled: false,
          createdAt: '2026-11-21T10:00:00.000Z',
          lastSignInAt: null,
        };
        const device = {
          id: DESK.deviceId,
          name: 'Galds',
          createdAt: user.createdAt,
          lastSeenAt: null,
          lastUserId: null,
          appVersion: '',
          revoked: false,
          keyThumbprint: 'k1',
        };
        const session = (at: number, deviceId = DESK.deviceId) => ({
          id: testId(40, at),
          userId: user.id,
          deviceId,
          refreshHash: `r${at}`,
          previousHash: at === 1 ? 'r0' : null,
          rotatedAt: user.createdAt,
          createdAt: user.createdAt,
          expiresAt: user.createdAt,
          revokedAt: null,
        });
        await store.write(async (tx) => {
          await tx.putUser(user);
          await tx.putDevice(device);
          for (const at of [1, 2, 3])
            await tx.putSession(session(at, at === 3 ? testId(20, 2) : DESK.deviceId));
          await tx.addAttempt('account:a', 1_000);
          await tx.addAttempt('account:a', 2_000);
        });
        await expect(store.write((tx) => tx.putUser({ ...user, id: USERS[1] }))).rejects.toThrow();
        await store.read(async (tx) => {
          expect(await tx.userByName('anna')).toEqual(user);
          expect(await tx.user(user.id)).toEqual(user);
          expect(await tx.device(device.id)).toEqual(device);
          expect((await tx.sessionByRefresh('r0'))?.id).toBe(testId(40, 1));
          expect((await tx.sessionByRefresh('r2'))?.id).toBe(testId(40, 2));
          expect(await tx.attemptsSince('account:a', 1_500)).toBe(1);
        });
        expect(await store.write((tx) => tx.revokeDeviceSessions(testId(20, 2), user.createdAt))).toBe(1);
        expect(await store.write((tx) => tx.revokeSessions(user.id, user.createdAt, testId(40, 1)))).toBe(1);
        expect((await store.read((tx) => tx.session(testId(40, 1))))?.revokedAt).toBeNull();
        await store.write((tx) => tx.clearAttempts('account:a'));
        expect(await store.read((tx) => tx.attemptsSince('account:a', 0))).toBe(0);
      });

      it('keeps second factors, foreign identities and former rights', async () => {
        const store = await open();
        const [anna, other] = [testId(2, 1), testId(2, 2)];
        await store.write(async (tx) => {
          await tx.putTotp(anna, 'a');
          await tx.putTotp(anna, 'b');
          await tx.putTotp(other, 'c');
          await tx.putTotp(other, null);
          await tx.putIdentity('https://idp', 'sub', anna);
          for (const day of ['01', '03', '02'])
            await tx.addFormerRight(anna, {
              until: `2026-11-${day}`,
              role: 'reception',
              siteIds: [SITES[0]],
            });
        });
        await expect(store.write((tx) => tx.putIdentity('https://idp', 'sub', other))).rejects.toThrow();
        await store.read(async (tx) => {
          expect([await tx.totp(anna), await tx.totp(other), await tx.totpUsers()]).toEqual([
            'b',
            undefined,
            [anna],
          ]);
          expect(await tx.userIdByIdentity('https://idp', 'sub')).toBe(anna);
          expect(await tx.userIdByIdentity('https://other', 'sub')).toBeUndefined();
          expect((await tx.formerRights(anna)).map(({ until }) => until)).toEqual([
            '2026-11-03',
            '2026-11-02',
            '2026-11-01',
          ]);
        });
      });

      it('keeps edits that wait, by site and state, and what was decided', async () => {
        const store = await open();
        const row = (at: number, siteId: string) => ({
          id: testId(50, at),
          at: `2026-11-21T10:00:0${at}.000Z`,
          siteId,
          authorId: testId(2, 1),
          deviceId: testId(20, 1),
          source: 'push' as const,
          state: 'open' as const,
          rows: '[]',
          decidedBy: null,
          decidedAt: null,
          reason: '',
        });
        const first = row(1, SITES[0]);
        await store.write(async (tx) => {
          await tx.putQuarantine(first, [{ opId: 'o1', docId: 'd1' }]);
          await tx.putQuarantine(row(2, SITES[0]), [{ opId: 'o2', docId: 'd2' }]);
          await tx.putQuarantine(row(3, SITES[1]), []);
        });
        const ids = (open: boolean, sites: readonly string[] | null) =>
          store.read(async (tx) => (await tx.quarantineList(open, sites, 10)).map(({ id }) => id));
        expect(await ids(true, [SITES[0]])).toEqual([testId(50, 2), testId(50, 1)]);
        expect(await ids(true, [])).toEqual([]);
        expect(await store.read((tx) => tx.isQuarantined('d1', first.authorId))).toBe(true);
        expect(await store.read((tx) => tx.isQuarantined('d1', testId(2, 2)))).toBe(false);
        const decided = {
          ...first,
          state: 'accepted' as const,
          decidedBy: 'x',
          decidedAt: first.at,
          reason: 'r',
        };
        await store.write((tx) => tx.putQuarantine(decided, []));
        expect(await store.read((tx) => tx.isQuarantined('d1', first.authorId))).toBe(false);
        expect(await store.read((tx) => tx.quarantineOfOp('o1'))).toEqual(decided);
        expect([await ids(false, null), (await ids(true, null)).length]).toEqual([[testId(50, 1)], 2]);
      });

      it('keeps what is short-lived until its time is over or it was taken', async () => {
        const store = await open();
        const claim = (untilMs: number, nowMs: number) => store.shared.once('n', untilMs, nowMs);
        const claims = await Promise.all([claim(2_000, 1_000), claim(2_000, 1_000), claim(2_000, 1_000)]);
        expect(claims.filter(Boolean)).toHaveLength(1);
        expect([await claim(3_000, 1_999), await claim(3_000, 2_000)]).toEqual([false, true]);
        expect(store.shared.generation()).not.toBe('');
        expect([await store.shared.count('c', 60_000), await store.shared.count('c', 60_000)]).toEqual([
          1, 2,
        ]);
        await store.write((tx) => tx.putShortLived('code', 'a', 5_000));
        await store.write((tx) => tx.putShortLived('code', 'b', 5_000));
        await store.write((tx) => tx.putShortLived('late', 'c', 5_000));
        expect(await store.write((tx) => tx.takeShortLived('code', 4_999))).toBe('b');
        expect(await store.write((tx) => tx.takeShortLived('code', 4_999))).toBeUndefined();
        expect(await store.write((tx) => tx.takeShortLived('late', 5_000))).toBeUndefined();
      });
    });

    describe('faults', () => {
      it('has every acknowledged write after kill -9, twenty times', async () => {
        const dir = folder();
        const target = await engine.crashTarget(dir);
        let acknowledged = 0;
        for (let round = 0; round < 20; round += 1) {
          const child = spawn(process.execPath, [engine.crashWriter, target], {
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          const enough = acknowledged + 1 + (round % 7);
          await new Promise<void>((resolve, reject) => {
            createInterface({ input: child.stdout }).on('line', (line) => {
              acknowledged = Math.max(acknowledged, Number(line));
              if (acknowledged >= enough) child.kill('SIGKILL');
            });
            child.once('error', reject);
            child.once('close', () => resolve());
          });
        }
        const store = await open(dir);
        const count = await store.read((tx) => tx.countDocs('person'));
        expect(count).toBeGreaterThanOrEqual(acknowledged);
        expect(acknowledged).toBeGreaterThanOrEqual(20);
        // A document and its audit entry are there together or not at all.
        expect(await store.read((tx) => tx.auditSize())).toBe(count);
        expect(await store.read((tx) => tx.headSeq())).toBe(count);
      }, 120_000);

      it('copies itself consistently while others write', async () => {
        const dir = folder();
        const store = await open(dir);
        const pair = (at: number) =>
          store.write(async (tx) => {
            await tx.putDoc(person(at, 'Liepa', 'x'.repeat(100)));
            await tx.appendAudit('{}', 'h', null, null, index(at));
          });
        for (let at = 1; at <= 300; at += 1) await pair(at);
        const file = path.join(dir, 'copy.db');
        const progress = { copying: true };
        const copied = store.backupTo(file).then(() => {
          progress.copying = false;
        });
        let last = 300;
        while (progress.copying) {
          await pair((last += 1));
          await new Promise((resolve) => setImmediate(resolve));
        }
        await copied;
        const copy = await engine.openCopy(file);
        opened.push(copy);
        const docs = await copy.read((tx) => tx.countDocs('person'));
        expect(docs).toBeGreaterThanOrEqual(300);
        expect(await copy.read((tx) => tx.auditSize())).toBe(docs);
      });
    });
  });
}
