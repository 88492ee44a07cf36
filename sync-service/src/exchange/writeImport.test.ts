import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { makeFixture } from '../../test/legacy/makeFixture.ts';
import { openSqliteStore, type SqliteStore } from '../store/sqlite/open.ts';
import type { StoredDoc } from '../store/store.ts';
import { IMPORT_ACTOR_ID, type ImportDraft } from './draft.ts';
import { HOTEL_FILES } from './hotel/format.ts';
import { hotelDrafts } from './hotel/hotelDrafts.ts';
import { import4Hotel } from './hotel/import4Hotel.ts';
import { NOBODY } from './knownPeople.ts';
import { mergeImported } from './mergeImported.ts';
import { writeImport, type ImportBatch, type ImportWritten } from './writeImport.ts';

const fixture = makeFixture(11);
const hotel = import4Hotel(
  {
    numuri: fixture.files[HOTEL_FILES.rooms]!,
    viesi: fixture.files[HOTEL_FILES.guests]!,
    rezervacijas: fixture.files[HOTEL_FILES.reservations]!,
  },
  { asOf: fixture.expected.asof },
);
const drafts: readonly ImportDraft[] = [...hotelDrafts(hotel, NOBODY)];
const AT = '2026-11-20T09:00:00.000Z';

let store: SqliteStore;
let batches: ImportBatch[];

beforeEach(async () => {
  store = await openSqliteStore({ file: ':memory:' });
  batches = [];
});
afterEach(() => store.close());

const write = (failAt = Infinity): Promise<ImportWritten> =>
  writeImport(store, drafts, {
    source: '4hotel',
    at: AT,
    batchDocs: 250,
    record: async (_tx, batch) => {
      if (batches.length + 1 === failAt) throw new SivisError('STORE_FULL');
      batches.push(batch);
    },
  });

describe('writeImport', () => {
  it('writes every document once and records each batch in its transaction', async () => {
    expect(await write()).toEqual({ created: drafts.length, updated: 0, unchanged: 0, displaced: 0 });
    expect(batches.length).toBe(Math.ceil(drafts.length / 250));
    expect(batches.flatMap((batch) => batch.docIds).sort()).toEqual(drafts.map((draft) => draft.id).sort());
    expect(await store.read((tx) => tx.headSeq())).toBe(drafts.length);
  });

  it.each([1, 2, 5])(
    'keeps whole batches when number %i fails, and the next run completes it',
    async (failAt) => {
      await expect(write(failAt)).rejects.toThrow('STORE_FULL');
      expect(await store.read((tx) => tx.headSeq())).toBe((failAt - 1) * 250);
      const rest = await write();
      expect(rest).toEqual({
        created: drafts.length - (failAt - 1) * 250,
        updated: 0,
        unchanged: (failAt - 1) * 250,
        displaced: 0,
      });
      expect(await store.read((tx) => tx.bedNightsByMonth())).toEqual(fixture.expected.bed_nights_by_month);
    },
  );
});

describe('mergeImported', () => {
  const stored = (over: Partial<StoredDoc>): StoredDoc => ({
    id: 'a',
    kind: 'person',
    siteId: 's',
    rev: 1,
    seq: 1,
    fields: { familyName: 'Bērziņa', givenName: 'Anna', country: 'Latvija' },
    stamps: {},
    createdBy: IMPORT_ACTOR_ID,
    ...over,
  });
  const staff = { by: 'staff', at: AT, device: 'd' };

  it('updates and removes what the import wrote', () => {
    const merged = mergeImported(stored({}), { familyName: 'Kalniņa', givenName: 'Anna' });
    expect(merged).toEqual({
      fields: { familyName: 'Kalniņa', givenName: 'Anna' },
      changed: ['familyName', 'country'],
    });
  });

  it('leaves a corrected field, and those that belong to it', () => {
    const doc = stored({ stamps: { givenName: staff } });
    expect(mergeImported(doc, { familyName: 'Kalniņa', givenName: 'Jana', country: 'Lietuva' })).toEqual({
      fields: { familyName: 'Bērziņa', givenName: 'Anna', country: 'Lietuva' },
      changed: ['country'],
    });
  });

  it('touches nothing of a document that staff made, but adds what nobody wrote', () => {
    const doc = stored({ createdBy: 'staff' });
    const alias = { source: '4hotel', key: '1' };
    expect(mergeImported(doc, { familyName: 'X', givenName: 'Y', sex: 'F', aliases: [alias] })).toEqual({
      fields: { ...doc.fields, sex: 'F', aliases: [alias] },
      changed: ['sex', 'aliases'],
    });
  });

  it('adds aliases and takes none away', () => {
    const other = { source: 'pris', key: '7' };
    const doc = stored({ fields: { ...stored({}).fields, aliases: [other] }, stamps: { aliases: staff } });
    const merged = mergeImported(doc, { ...stored({}).fields, aliases: [{ source: '4hotel', key: '1' }] });
    expect(merged.fields['aliases']).toEqual([other, { source: '4hotel', key: '1' }]);
  });
});
