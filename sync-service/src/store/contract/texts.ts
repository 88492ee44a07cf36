import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { textId } from '@sivis/shared/texts/texts.ts';
import { SITES, TODAY, USERS } from '../contractWorld.ts';
import type { Store } from '../store.ts';
import type { TextRow } from '../texts.ts';
import { DESK, index, type TestStores } from './testStores.ts';

const SUBJECT = { kind: 'shiftLog', siteId: SITES[0], day: TODAY, personId: '', authorId: '' } as const;
const ID = textId(SUBJECT);
const HEAD: Omit<TextRow, 'seq'> = {
  ...SUBJECT,
  id: ID,
  logSiteId: SITES[0],
  createdBy: USERS[0],
  createdAt: '2026-11-21T10:00:00.000Z',
};
const BY = { actorId: USERS[0], deviceId: DESK.deviceId, at: '2026-11-21T10:00:01.000Z' };
const bytes = (...of: number[]): Uint8Array => Uint8Array.of(...of);

/** Texts written together: updates in their order, snapshots in their place. */
export function textContract({ engine, folder, keep, open, close }: TestStores): void {
  describe('texts', () => {
    const begun = async (store: Store): Promise<Store> => {
      await store.write((tx) => tx.beginText(HEAD));
      return store;
    };
    const append = (store: Store, ...updates: Uint8Array[]): Promise<number[]> =>
      store.write(async (tx) => {
        const seqs: number[] = [];
        for (const update of updates) seqs.push(await tx.appendText(ID, update, BY));
        return seqs;
      });
    const content = (store: Store, after = 0) => store.read((tx) => tx.textContent(ID, after));

    it('are begun once, and keep who began them', async () => {
      const store = await begun(await open());
      await store.write((tx) => tx.beginText({ ...HEAD, createdBy: USERS[1] }));
      expect(await store.read((tx) => tx.text(ID))).toEqual({ ...HEAD, seq: 0 });
      expect(await store.read((tx) => tx.text(textId({ ...SUBJECT, siteId: SITES[1] })))).toBeUndefined();
      await expect(
        store.write((tx) => tx.appendText(textId({ ...SUBJECT, siteId: SITES[1] }), bytes(1), BY)),
      ).rejects.toThrow();
    });

    it('give updates back byte by byte in their order, from any place', async () => {
      const store = await begun(await open());
      expect(await append(store, bytes(0, 255, 128), bytes(2), bytes(3))).toEqual([1, 2, 3]);
      expect(await content(store)).toEqual({
        seq: 3,
        updates: [bytes(0, 255, 128), bytes(2), bytes(3)],
        loose: 3,
      });
      expect(await content(store, 2)).toEqual({ seq: 3, updates: [bytes(3)], loose: 1 });
      expect(await content(store, 3)).toEqual({ seq: 3, updates: [], loose: 0 });
      expect(await store.read((tx) => tx.textSeqs([ID, SITES[1]]))).toEqual(new Map([[ID, 3]]));
    });

    it('have a snapshot in the place of the updates it holds, and what came after stays', async () => {
      const store = await begun(await open());
      await append(store, bytes(1), bytes(2), bytes(3));
      await store.write((tx) => tx.compactText(ID, 2, bytes(12), bytes(9)));
      expect(await content(store)).toEqual({ seq: 3, updates: [bytes(12), bytes(3)], loose: 1 });
      // Who had the first gets the snapshot, who had both only the rest.
      expect((await content(store, 1)).updates).toEqual([bytes(12), bytes(3)]);
      expect((await content(store, 2)).updates).toEqual([bytes(3)]);
      // An older or equal one comes too late; one of updates that are not there is none.
      await store.write((tx) => tx.compactText(ID, 1, bytes(99), bytes(9)));
      await store.write((tx) => tx.compactText(ID, 2, bytes(99), bytes(9)));
      await store.write((tx) => tx.compactText(ID, 4, bytes(99), bytes(9)));
      expect((await content(store)).updates).toEqual([bytes(12), bytes(3)]);
      await store.write((tx) => tx.compactText(ID, 3, bytes(123), bytes(9)));
      expect(await append(store, bytes(4))).toEqual([4]);
      expect(await content(store)).toEqual({ seq: 4, updates: [bytes(123), bytes(4)], loose: 1 });
    });

    it('stand or fall with the entry of the log that is written with them', async () => {
      const store = await begun(await open());
      const entry = index(1);
      await expect(
        store.write(async (tx) => {
          await tx.appendText(ID, bytes(1), BY);
          await tx.compactText(ID, 1, bytes(1), bytes(1));
          await tx.appendAudit('{}', 'aa', null, null, entry);
          throw new Error('broken');
        }),
      ).rejects.toThrow('broken');
      expect(await content(store)).toEqual({ seq: 0, updates: [], loose: 0 });
      expect((await store.read((tx) => tx.text(ID)))?.seq).toBe(0);
      expect(await store.read((tx) => tx.auditSize())).toBe(0);
      expect(await append(store, bytes(1))).toEqual([1]);
    });

    it('get numbers without gaps from writers at once', async () => {
      const store = await begun(await open());
      const seqs = await Promise.all(Array.from({ length: 12 }, (_, at) => append(store, bytes(at))));
      expect(seqs.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
    });

    it('survive the end of the process, and stand in a backup', async () => {
      const dir = folder();
      const store = await begun(await open(dir));
      await append(store, bytes(1), bytes(2));
      await store.write((tx) => tx.compactText(ID, 1, bytes(1), bytes(9)));
      const file = path.join(folder(), 'copy.db');
      await store.backupTo(file);
      await close(store);
      const copy = await engine.openCopy(file);
      keep(copy);
      for (const again of [await open(dir), copy]) {
        expect(await content(again)).toEqual({ seq: 2, updates: [bytes(1), bytes(2)], loose: 1 });
        expect(await again.read((tx) => tx.text(ID))).toEqual({ ...HEAD, seq: 2 });
      }
    });
  });
}
