import fc from 'fast-check';
import {
  createRevision,
  fillWithDefaultSettings,
  normalizeMangoQuery,
  prepareQuery,
  type RxStorageInstance,
} from 'rxdb';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { describe, expect, it } from 'vitest';
import { CipherError } from '../keys/cipher.ts';
import { ClearFieldError } from './clearFields.ts';
import { encryptedStorage } from './encryptedStorage.ts';
import { testCipher, testStorage } from './testStorage.ts';

interface Doc {
  id: string;
  kind: string;
  personId: string;
  rev: number;
  base: Record<string, unknown>;
  ops: unknown[];
}

const schema = fillWithDefaultSettings({
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 40 },
    kind: { type: 'string', maxLength: 20 },
    personId: { type: 'string', maxLength: 40 },
    rev: { type: 'number' },
    base: { type: 'object' },
    ops: { type: 'array' },
  },
  required: ['id', 'kind', 'personId', 'rev', 'base', 'ops'],
  indexes: ['kind', ['personId', 'kind']],
});

type Instance = RxStorageInstance<Doc, unknown, unknown>;
type StoredDoc = Awaited<ReturnType<Instance['findDocumentsById']>>[number];

let names = 0;
const params = () => ({
  databaseInstanceToken: 'token',
  databaseName: `db${(names += 1)}`,
  collectionName: 'things',
  schema: schema as never,
  options: {} as never,
  multiInstance: false,
  devMode: false,
});

function docOf(
  id: string,
  write: { kind: string; personId: string; n: number; deleted: boolean },
  previous?: StoredDoc,
): StoredDoc {
  return {
    id,
    kind: write.kind,
    personId: write.personId,
    rev: write.n,
    base: write.deleted ? {} : { familyName: `name ${write.n}` },
    ops: [],
    _deleted: write.deleted,
    _attachments: {},
    _meta: { lwt: 1000 + write.n },
    _rev: createRevision('token', previous),
  };
}

const select = (selector: object, sort: object[], limit?: number) =>
  prepareQuery(
    schema as never,
    normalizeMangoQuery(schema as never, {
      selector: { ...selector, _deleted: { $eq: false } } as never,
      sort: sort as never,
      ...(limit === undefined ? {} : { limit }),
    }) as never,
  ) as never;

const step = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  kind: fc.constantFrom('stay', 'person', 'bed'),
  personId: fc.constantFrom('', 'p1', 'p2'),
  n: fc.integer({ min: 1, max: 900 }),
  deleted: fc.boolean(),
  stale: fc.boolean(),
});

/** What must be equal on both sides; a removed document's clear values are emptied by the encrypted side. */
const seen = (docs: readonly StoredDoc[]) =>
  docs.map((doc) => (doc._deleted ? { ...doc, personId: '' } : doc));

describe('encryptedStorage', () => {
  it('gives what the plain storage gives, over random writes, reads and conflicts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 14 }),
        async (batches) => {
          const { storage } = await testStorage();
          const plain = (await getRxStorageMemory().createStorageInstance(params())) as unknown as Instance;
          const secret = (await storage.createStorageInstance(params())) as unknown as Instance;
          const events: Record<'plain' | 'secret', unknown[]> = { plain: [], secret: [] };
          const note = (side: 'plain' | 'secret') => (bulk: { events: readonly object[] }) => {
            events[side].push(...bulk.events);
          };
          plain.changeStream().subscribe(note('plain'));
          secret.changeStream().subscribe(note('secret'));

          const old = new Map<string, StoredDoc>();
          for (const batch of batches) {
            const unique = [...new Map(batch.map((write) => [write.id, write])).values()];
            const inDb = new Map(
              (
                await plain.findDocumentsById(
                  unique.map((w) => w.id),
                  true,
                )
              ).map((d) => [d.id, d]),
            );
            const rows = unique.map((write) => {
              const previous = write.stale ? old.get(write.id) : inDb.get(write.id);
              const document = docOf(write.id, write, previous);
              return previous === undefined ? { document } : { previous, document };
            });
            const [a, b] = await Promise.all([
              plain.bulkWrite(structuredClone(rows), 'test'),
              secret.bulkWrite(structuredClone(rows), 'test'),
            ]);
            expect(b.error.map((error) => [error.documentId, error.status])).toEqual(
              a.error.map((error) => [error.documentId, error.status]),
            );
            for (const [index, error] of a.error.entries()) {
              const other = b.error[index];
              if (error.status !== 409 || other?.status !== 409)
                throw new Error('only conflicts can happen here');
              expect(seen([other.documentInDb])).toEqual(seen([error.documentInDb]));
              expect(other.writeRow.document).toEqual(error.writeRow.document);
            }
            for (const [id, doc] of inDb) old.set(id, doc);
          }
          expect(events.secret).toEqual(events.plain);
          const ids = ['f', 'a', 'c', 'b', 'x', 'd', 'e'];
          expect(seen(await secret.findDocumentsById(ids, true))).toEqual(
            seen(await plain.findDocumentsById(ids, true)),
          );
          expect(await secret.findDocumentsById(ids, false)).toEqual(
            await plain.findDocumentsById(ids, false),
          );
          for (const query of [
            select({ kind: 'stay' }, [{ id: 'asc' }]),
            select({ personId: 'p1', kind: { $gt: 'b' } }, [{ personId: 'asc' }, { kind: 'asc' }], 2),
            select({ $or: [{ kind: 'bed' }, { personId: 'p2' }] }, [{ kind: 'desc' }, { id: 'asc' }]),
          ]) {
            expect((await secret.query(query)).documents).toEqual((await plain.query(query)).documents);
            expect((await secret.count(query)).count).toBe((await plain.count(query)).count);
          }
          await Promise.all([plain.close(), secret.close()]);
        },
      ),
      { numRuns: 60, seed: 20_261_121 },
    );
  });

  it('keeps the order of writes that are not awaited', async () => {
    const { storage } = await testStorage();
    const instance = (await storage.createStorageInstance(params())) as unknown as Instance;
    const big = {
      ...docOf('a', { kind: 'stay', personId: '', n: 1, deleted: false }),
      base: { text: 'x'.repeat(500_000) },
    };
    const next = docOf('a', { kind: 'bed', personId: '', n: 2, deleted: false }, big);
    const order: string[] = [];
    instance
      .changeStream()
      .subscribe((bulk) => order.push(...bulk.events.map((event) => event.documentData._rev)));
    await Promise.all([
      instance.bulkWrite([{ document: big }], 'test'),
      instance.bulkWrite([{ previous: big, document: next }], 'test'),
    ]);
    expect(order).toEqual([big._rev, next._rev]);
    await instance.close();
  });

  it('erases a removed document on disk', async () => {
    const { storage, inner } = await testStorage();
    const place = params();
    const instance = (await storage.createStorageInstance(place)) as unknown as Instance;
    const first = docOf('a', { kind: 'stay', personId: 'p1', n: 7, deleted: false });
    await instance.bulkWrite([{ document: first }], 'test');
    const gone = { ...first, base: { left: 'over' }, _deleted: true, _rev: createRevision('token', first) };
    await instance.bulkWrite([{ previous: first, document: gone }], 'test');
    const [read] = await instance.findDocumentsById(['a'], true);
    expect(read).toMatchObject({
      id: 'a',
      kind: 'stay',
      personId: '',
      rev: 7,
      base: {},
      ops: [],
      _deleted: true,
    });
    const stored = (await inner.createStorageInstance(place)) as unknown as Instance;
    expect((await stored.findDocumentsById(['a'], true))[0]).toMatchObject({ personId: '' });
    await instance.close();
  });

  it('leaves a tampered document out, tells it once and lets a new write replace it', async () => {
    const { storage, inner, quarantined } = await testStorage();
    const place = params();
    const instance = (await storage.createStorageInstance(place)) as unknown as Instance;
    const good = docOf('a', { kind: 'stay', personId: 'p1', n: 1, deleted: false });
    const other = docOf('b', { kind: 'stay', personId: 'p2', n: 1, deleted: false });
    await instance.bulkWrite([{ document: good }, { document: other }], 'test');
    // The memory storage fills its maps with the first read.
    await instance.findDocumentsById(['a'], false);
    const stored = (
      [...inner.collectionStates].find(([key]) => key.includes(place.databaseName))?.[1] as {
        documents: Map<string, Record<string, unknown>>;
      }
    ).documents;
    const onDisk = stored.get('a');
    if (onDisk === undefined) throw new Error('the document is not there');
    onDisk['personId'] = 'p2';
    expect(await instance.findDocumentsById(['a', 'b'], false)).toEqual([other]);
    expect(await instance.findDocumentsById(['a'], false)).toEqual([]);
    expect(quarantined).toEqual([{ database: place.databaseName, collection: 'things', id: 'a' }]);
    const again = docOf('a', { kind: 'stay', personId: 'p1', n: 2, deleted: false });
    expect((await instance.bulkWrite([{ document: again }], 'test')).error).toEqual([]);
    expect(await instance.findDocumentsById(['a'], false)).toEqual([again]);
    await instance.close();
  });

  it('never takes another key for tampering', async () => {
    const inner = getRxStorageMemory();
    const place = params();
    const ignore = () => undefined;
    const one = (await encryptedStorage(inner, {
      cipher: await testCipher('key1'),
      quarantined: ignore,
    }).createStorageInstance(place)) as unknown as Instance;
    await one.bulkWrite(
      [{ document: docOf('a', { kind: 'stay', personId: '', n: 1, deleted: false }) }],
      'test',
    );
    const two = (await encryptedStorage(inner, {
      cipher: await testCipher('key2'),
      quarantined: ignore,
    }).createStorageInstance(place)) as unknown as Instance;
    await expect(two.findDocumentsById(['a'], false)).rejects.toThrow(CipherError);
    await expect(two.findDocumentsById(['a'], false)).rejects.toMatchObject({ code: 'WRONG_KEY' });
    await Promise.all([one.close(), two.close()]);
  });

  it('refuses a query over an encrypted field', async () => {
    const { storage } = await testStorage();
    const instance = (await storage.createStorageInstance(params())) as unknown as Instance;
    await expect(instance.query(select({ rev: 1 }, [{ id: 'asc' }]))).rejects.toThrow(ClearFieldError);
    await expect(
      instance.count(select({ kind: 'stay', 'base.familyName': 'x' }, [{ id: 'asc' }])),
    ).rejects.toThrow(ClearFieldError);
    await expect(instance.query(select({ kind: 'stay' }, [{ rev: 'asc' }]))).rejects.toThrow(ClearFieldError);
    await instance.close();
  });
});
