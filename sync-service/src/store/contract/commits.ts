import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { testId } from '../contractWorld.ts';
import { index, person, type TestStores } from './testStores.ts';

/** Transactions, the order of commits, and what is left after a kill. */
export function commitContract({ close, engine, folder, keep, open, page }: TestStores): void {
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
      for (let at = 1; at <= 6; at += 1) await store.write((tx) => tx.putDoc(person(at, 'Kalns', `N${at}`)));
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
      await close(first);
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
      keep(copy);
      const docs = await copy.read((tx) => tx.countDocs('person'));
      expect(docs).toBeGreaterThanOrEqual(300);
      expect(await copy.read((tx) => tx.auditSize())).toBe(docs);
    });
  });
}
