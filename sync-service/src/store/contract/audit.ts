import { describe, expect, it } from 'vitest';
import { SITES } from '../contractWorld.ts';
import type { Store } from '../store.ts';
import { index, type TestStores } from './testStores.ts';

/** The audit log. */
export function auditContract({ engine, open }: TestStores): void {
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
}
