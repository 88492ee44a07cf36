import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { KINDS } from '@sivis/shared/docs/kinds.ts';
import type { Person } from '@sivis/shared/people/person.ts';
import { makeFixture, type Fixture } from '../../../test/legacy/makeFixture.ts';
import { encodeWindows1257 } from '../../../test/legacy/windows1257.ts';
import type { ImportDraft } from '../draft.ts';
import { NOBODY } from '../knownPeople.ts';
import { HOTEL_FILES } from './format.ts';
import { hotelDrafts } from './hotelDrafts.ts';
import { import4Hotel, type HotelFiles, type HotelImport } from './import4Hotel.ts';

const COMMITTED = path.join(import.meta.dirname, '../../../test/fixtures/4hotel');

const filesOf = (read: (name: string) => Uint8Array): HotelFiles => ({
  numuri: read(HOTEL_FILES.rooms),
  viesi: read(HOTEL_FILES.guests),
  rezervacijas: read(HOTEL_FILES.reservations),
});
const run = (fixture: Fixture): HotelImport =>
  import4Hotel(
    filesOf((name) => fixture.files[name]!),
    { asOf: fixture.expected.asof },
  );
const drafts = (hotel: HotelImport): ImportDraft[] => [...hotelDrafts(hotel, NOBODY)];

describe('import4Hotel', () => {
  it('gives the planted answer to the committed set', () => {
    const expected: unknown = JSON.parse(readFileSync(path.join(COMMITTED, 'expected.json'), 'utf8'));
    const files = filesOf((name) => readFileSync(path.join(COMMITTED, name)));
    expect(import4Hotel(files, { asOf: '2026-11-20' }).report).toEqual(expected);
  });

  it('has a committed set that its generator still makes', () => {
    const made = makeFixture(1);
    for (const [name, bytes] of Object.entries(made.files)) {
      expect(readFileSync(path.join(COMMITTED, name)).equals(Buffer.from(bytes)), name).toBe(true);
    }
  });

  it.each(Array.from({ length: 20 }, (_, index) => index + 2))(
    'gives the planted answer to seed %i',
    (seed) => {
      const fixture = makeFixture(seed);
      const hotel = run(fixture);
      expect(hotel.report).toEqual(fixture.expected);
      expect(hotel.people.length).toBe(fixture.marks.peopleInAll);
      const words = (rows: readonly { file: string; reason: string; row: string }[]): string[] =>
        rows.map(({ file, reason, row }) => `${file} ${reason} ${row}`).sort();
      expect(words(hotel.rejected)).toEqual(words(fixture.marks.rejectedRows));
    },
  );

  it('merges the rows of one code: the best spelling is the name, every key an alias', () => {
    const fixture = makeFixture(3);
    const people = new Map<string, Person>();
    for (const draft of drafts(run(fixture))) {
      if (draft.kind !== 'person') continue;
      const person = draft.fields as unknown as Person;
      for (const alias of person.aliases ?? []) people.set(alias.key, person);
    }
    for (const { keys, familyName, givenName } of fixture.marks.merged) {
      const person = people.get(keys[0]!)!;
      expect(keys.every((key) => people.get(key) === person)).toBe(true);
      expect([person.familyName, person.givenName]).toEqual([familyName, givenName]);
      expect(person.formerNames?.length).toBe(2);
      expect(person.birthDate).toBeDefined();
      expect(person.flags?.includes('missingBirthDate')).not.toBe(true);
    }
    for (const keys of [...fixture.marks.contested, ...fixture.marks.alike]) {
      expect(people.get(keys[0]!)).not.toBe(people.get(keys[1]!));
      expect(keys.every((key) => people.get(key)!.flags?.includes('possibleDuplicate'))).toBe(true);
    }
  });

  it('asks a human about every candidate, by ids only', () => {
    const fixture = makeFixture(4);
    const tasks = drafts(run(fixture)).filter((draft) => draft.kind === 'task');
    expect(tasks.length).toBe(fixture.marks.contested.length + fixture.marks.alike.length);
    for (const { fields } of tasks) {
      expect(fields['taskKind']).toBe('duplicateCandidate');
      expect(Object.keys(fields).sort()).toEqual(['ownerRole', 'personIds', 'state', 'taskKind']);
    }
  });

  it('makes documents as their kinds ask for them, each id once, each after what it refers to', () => {
    const seen = new Set<string>();
    for (const draft of drafts(run(makeFixture(5)))) {
      const parsed = KINDS[draft.kind].schema.safeParse(draft.fields);
      expect(parsed.success, `${draft.kind} ${JSON.stringify(parsed.error?.issues)}`).toBe(true);
      for (const value of Object.values(draft.fields)) {
        if (typeof value === 'string' && /^[0-9a-f]{8}-/.test(value)) expect(seen.has(value)).toBe(true);
      }
      expect(seen.has(draft.id)).toBe(false);
      seen.add(draft.id);
    }
  });

  it('keeps the order of the rules for a row that breaks several', () => {
    const rooms = 'Numurs;Korpuss;Stāvs;Tips;Vietas;Pielāgots;Piezīmes\r\n201;Dubulti-2;2;x;1;N;\r\n';
    const guests =
      'ViesaID;Uzvārds;Vārds;PersKods;DzimDat;Dzimums;Valsts;Dokuments;Telefons;Epasts;Adrese\r\n' +
      '1;Bērziņa;Anna;;01.01.1960;S;;;;;\r\n2;;Anna;x;99.99.9999;S;;;;;\r\n3;Bērziņa;Anna;x;99.99.9999;S;;;;;\r\n';
    const stays =
      'RezID;ViesaID;Numurs;Vieta;Ierašanās;Izbraukšana;Statuss;Ēdināšana;Cena;Pakalpojums;Piezīmes\r\n' +
      '9;1;201;A;01.02.2026;05.02.2026;Apstiprināts;PP;1,5;x;\r\n' +
      '10;1;201;A;03.02.2026;04.02.2026;Iemitināts;PP;;x;\r\n' +
      '11;7;999;Z;00.02.2026;01.02.2026;Apstiprināts;PP;;x;\r\n' +
      '12;7;999;Z;02.02.2026;01.02.2026;Apstiprināts;PP;;x;\r\n' +
      '13;7;201;B;01.02.2026;05.02.2026;Apstiprināts;PP;;x;\r\n' +
      '14;3;201;A;01.02.2026;05.02.2026;Apstiprināts;PP;;x;\r\n' +
      '15;1;201;A;05.02.2026;06.02.2026;Apstiprināts;;;x;\r\n';
    const hotel = import4Hotel(
      {
        numuri: encodeWindows1257(rooms),
        viesi: encodeWindows1257(guests),
        rezervacijas: encodeWindows1257(stays),
      },
      { asOf: '2026-02-04' },
    );
    expect(hotel.rejected.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      '3 missing_name',
      '4 malformed_code',
      '3 bed_overlap',
      '4 impossible_date',
      '5 departure_before_arrival',
      '6 unknown_bed',
      '7 unknown_guest',
    ]);
    expect(hotel.report.beds_occupied_on_asof).toBe(1);
    expect(hotel.reservations.map((reservation) => reservation.priceCents)).toEqual([150, null]);
  });
});
