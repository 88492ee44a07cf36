import { describe, expect, it } from 'vitest';
import type { Fields } from '@sivis/shared/docs/json.ts';
import { KINDS } from '@sivis/shared/docs/kinds.ts';
import { claimsAgainst } from '@sivis/shared/lodging/rules.ts';
import { segmentOn } from '@sivis/shared/lodging/nights.ts';
import { coversExactly } from '@sivis/shared/lodging/segments.ts';
import { holdsBeds, isInHouse, type Stay } from '@sivis/shared/lodging/stay.ts';
import type { Person } from '@sivis/shared/people/person.ts';
import { checkPersonalCode } from '@sivis/shared/people/personalCode.ts';
import { referencesOf } from '@sivis/shared/rules/judge.ts';
import { addDays, fromEpochDay, nightsBetween } from '@sivis/shared/time/plainDate.ts';
import type { NewDoc } from '../store/store.ts';
import { generateCentre, type Centre } from './centre.ts';

const TODAY = '2026-11-21';
const full = generateCentre(7, TODAY, 'full');
const small = generateCentre(7, TODAY, 'small');

const ofKind = (centre: Centre, kind: NewDoc['kind']): NewDoc[] =>
  centre.docs.filter((doc) => doc.kind === kind);
const stays = (centre: Centre): Stay[] => ofKind(centre, 'stay').map((doc) => doc.fields as unknown as Stay);
const text = (doc: NewDoc, field: string): string => doc.fields[field] as string;
const byId = (centre: Centre): Map<string, NewDoc> => new Map(centre.docs.map((doc) => [doc.id, doc]));

/** Who sleeps in a room in a night. */
function sleepers(centre: Centre): Map<string, NewDoc[]> {
  const docs = byId(centre);
  const rooms = new Map<string, NewDoc[]>();
  for (const { holderId, nights } of centre.nights) {
    const holder = docs.get(holderId)!;
    if (holder.kind !== 'stay') continue;
    for (const { bedId, night } of nights) {
      const key = `${text(docs.get(bedId)!, 'roomId')}/${night}`;
      const there = rooms.get(key) ?? [];
      if (!there.includes(holder)) there.push(holder);
      rooms.set(key, there);
    }
  }
  return rooms;
}

describe.each([
  ['full', full],
  ['small', small],
])('the %s centre', (_, centre) => {
  it('has documents as their kinds ask for them, each id once', () => {
    for (const doc of centre.docs) {
      const parsed = KINDS[doc.kind].schema.safeParse(doc.fields);
      expect(parsed.success, `${doc.kind} ${JSON.stringify(parsed.error?.issues)}`).toBe(true);
    }
    expect(byId(centre).size).toBe(centre.docs.length);
  });

  it('refers only to documents that are there', () => {
    const docs = byId(centre);
    for (const doc of centre.docs) {
      for (const { kind, id } of referencesOf(doc.kind, doc.fields)) expect(docs.get(id)?.kind).toBe(kind);
    }
  });

  it('holds no bed twice (I1)', () => {
    const nights = centre.nights.flatMap((held) =>
      held.nights.map(({ bedId, night }) => `${bedId}/${night}`),
    );
    expect(new Set(nights).size).toBe(nights.length);
  });

  it('has gap-free segments (I2)', () => {
    for (const stay of stays(centre))
      expect(coversExactly(stay.segments, stay.arriveDate, stay.departDate)).toBe(true);
  });

  it('never has one person in two stays at once (I16)', () => {
    const persons = new Map<string, Stay[]>();
    for (const stay of stays(centre).filter(holdsBeds)) {
      const own = persons.get(stay.personId) ?? [];
      for (const other of own) {
        expect(stay.arriveDate < other.departDate && other.arriveDate < stay.departDate).toBe(false);
      }
      persons.set(stay.personId, [...own, stay]);
    }
  });

  it('has one sex in a room at a time, except for companions and couples, and keeps to the rooms’ policies (I5)', () => {
    const docs = byId(centre);
    const sexOf = (doc: NewDoc): unknown => docs.get(text(doc, 'personId'))!.fields['sex'];
    for (const [key, there] of sleepers(centre)) {
      const policy = docs.get(key.split('/')[0]!)!.fields['sexPolicy'];
      if (policy === 'F' || policy === 'M') expect(there.every((doc) => sexOf(doc) === policy)).toBe(true);
      if (new Set(there.map(sexOf)).size < 2) continue;
      expect(there.length).toBe(2);
      const [a, b] = there as [NewDoc, NewDoc];
      const stay = (doc: NewDoc): Stay => doc.fields as unknown as Stay;
      const together =
        stay(a).companionOf === b.id ||
        stay(b).companionOf === a.id ||
        (stay(a).mustShareWith ?? []).includes(stay(b).personId);
      expect(together).toBe(true);
    }
  });

  it('has wheelchairs in adapted rooms and nobody on stairs who may not climb them (I6)', () => {
    const docs = byId(centre);
    for (const stay of stays(centre)) {
      const alerts = (docs.get(stay.personId)!.fields as unknown as Person).alerts ?? [];
      for (const { bedId } of stay.segments) {
        if (bedId === null) continue;
        const room = docs.get(text(docs.get(bedId)!, 'roomId'))!.fields;
        if (alerts.includes('wheelchair')) expect(room['adapted']).toBe(true);
        if (alerts.includes('noStairs')) expect(room['stepFree']).toBe(true);
      }
    }
  });

  it('has companions who do not outlive the stay they accompany (I7), in its room', () => {
    const docs = byId(centre);
    const companions = stays(centre).filter((stay) => stay.companionOf !== undefined);
    expect(companions.length).toBeGreaterThan(0);
    for (const stay of companions) {
      const client = docs.get(stay.companionOf!)!.fields as unknown as Stay;
      expect(stay.departDate <= client.departDate).toBe(true);
      const room = (of: Stay): unknown => docs.get(of.segments[0]!.bedId!)!.fields['roomId'];
      expect(room(stay)).toBe(room(client));
    }
  });

  it('invents codes that nobody has, each once, with a right check digit', () => {
    const codes = ofKind(centre, 'person').flatMap(
      (doc) => (doc.fields['personalCode'] as string | undefined) ?? [],
    );
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) {
      const check = checkPersonalCode(code);
      expect(check.ok && (check.checksum === 'match' || code.startsWith('329999-999'))).toBe(true);
      // Old codes: the 1800s.
      if (!code.startsWith('3299')) expect(code[7]).toBe('0');
    }
  });

  it('uses numbers and addresses that belong to nobody', () => {
    for (const { fields } of ofKind(centre, 'contact')) {
      if (fields['contactKind'] === 'phone') expect(fields['value']).toMatch(/^2000\d{4}$/);
      if (fields['contactKind'] === 'email') expect(fields['value']).toMatch(/^[a-z]+\.[a-z]+@example\.lv$/);
    }
  });

  it('has nobody checked in before the day of arrival or out of sight of today', () => {
    for (const stay of stays(centre)) {
      if (isInHouse(stay)) expect(stay.arriveDate < TODAY && stay.departDate >= TODAY).toBe(true);
      if (stay.state === 'expected') expect(stay.arriveDate >= TODAY).toBe(true);
      if (stay.state === 'departed') expect(stay.departDate < TODAY).toBe(true);
      if (stay.checkedInAt !== undefined) expect(stay.checkedInAt < `${TODAY}T00:00:00.000Z`).toBe(true);
      for (const done of Object.values(stay.checkin ?? {}))
        expect(done.doneAt < `${TODAY}T00:00:00.000Z`).toBe(true);
    }
  });

  it('has clashes that are clashes: the first stay has no bed, the second holds it', () => {
    const docs = byId(centre);
    const tasks = ofKind(centre, 'task').filter((doc) => doc.fields['taskKind'] === 'bedClash');
    expect(tasks.length).toBeGreaterThan(0);
    for (const { fields } of tasks) {
      const [loser, winner] = (fields['stayIds'] as string[]).map(
        (id) => docs.get(id)!.fields as unknown as Stay,
      );
      expect(loser!.unconfirmed).toBe(true);
      expect(loser!.segments[0]!.bedId).toBeNull();
      expect(segmentOn(winner!, fields['from'] as string)!.bedId).toBe(fields['bedId']);
      const held = new Set(
        centre.nights.flatMap((entry) =>
          entry.nights.map(({ bedId, night }) => `${bedId}/${fromEpochDay(night)}`),
        ),
      );
      for (const bedId of fields['proposedBedIds'] as string[]) {
        for (let day = loser!.arriveDate; day < loser!.departDate; day = addDays(day, 1)) {
          expect(held.has(`${bedId}/${day}`)).toBe(false);
        }
      }
    }
  });

  it('is the same for the same seed and moves as a whole with the day', () => {
    const size = centre === full ? 'full' : 'small';
    expect(JSON.stringify(generateCentre(7, TODAY, size)) === JSON.stringify(centre)).toBe(true);
    const later = generateCentre(7, addDays(TODAY, 40), size);
    expect(later.docs.length).toBe(centre.docs.length);
    expect(later.docs.every((doc, index) => doc.id === centre.docs[index]!.id)).toBe(true);
    const moved = stays(later).map((stay) => stay.arriveDate);
    expect(stays(centre).every((stay, index) => nightsBetween(stay.arriveDate, moved[index]!) === 40)).toBe(
      true,
    );
    expect(
      later.nights.every((held, index) => held.nights.length === centre.nights[index]!.nights.length),
    ).toBe(true);
  });
});

describe('the full centre', () => {
  it('is as busy as the real one', () => {
    const now = stays(full);
    const count = (holds: (stay: Stay) => boolean): number => now.filter(holds).length;
    expect(ofKind(full, 'room').length).toBe(150);
    expect(ofKind(full, 'bed').length).toBe(300);
    expect(ofKind(full, 'person').length).toBeGreaterThan(8_500);
    const arrivals = count((stay) => stay.state === 'expected' && stay.arriveDate === TODAY);
    expect(arrivals).toBeGreaterThanOrEqual(12);
    expect(arrivals).toBeLessThanOrEqual(17);
    const departures = count((stay) => isInHouse(stay) && stay.departDate === TODAY);
    expect(departures).toBeGreaterThanOrEqual(9);
    expect(departures).toBeLessThanOrEqual(12);
    const inHouse = count(isInHouse);
    expect(inHouse).toBeGreaterThanOrEqual(210);
    expect(inHouse).toBeLessThanOrEqual(230);
    expect(count((stay) => stay.unconfirmed === true)).toBe(3);
  });

  it('thins out ahead', () => {
    const expected = (from: number, to: number): number =>
      stays(full).filter(
        (stay) => stay.arriveDate >= addDays(TODAY, from) && stay.arriveDate < addDays(TODAY, to),
      ).length;
    expect(expected(0, 30)).toBeGreaterThan(expected(30, 60));
    expect(expected(30, 60)).toBeGreaterThan(expected(180, 210));
  });

  it('gives each specialist about 38 clients', () => {
    for (const user of full.users.filter(({ role }) => role === 'specialist')) {
      const own = stays(full).filter((stay) => stay.specialistIds?.includes(user.id) === true);
      expect(own.length).toBe(38);
    }
  });

  it('has an account for every role', () => {
    expect(new Set(full.users.map((user) => user.role)).size).toBe(6);
  });
});

describe('a world made of the small centre', () => {
  it('claims no bed against anybody, as a desk would see it', () => {
    const docs = byId(small);
    const rooms = new Map<string, NewDoc[]>();
    for (const doc of ofKind(small, 'stay')) {
      for (const { bedId } of (doc.fields as unknown as Stay).segments) {
        if (bedId === null) continue;
        const roomId = text(docs.get(bedId)!, 'roomId');
        rooms.set(roomId, [...(rooms.get(roomId) ?? []), doc]);
      }
    }
    const world = {
      today: TODAY,
      get: (_kind: string, id: string): Fields | undefined => docs.get(id)?.fields,
      staysOfPerson: () => [],
      staysInRoom: (roomId: string) => rooms.get(roomId) ?? [],
      bedsOfRoom: (roomId: string) => ofKind(small, 'bed').filter((bed) => bed.fields['roomId'] === roomId),
      blocksOf: () => [],
    };
    for (const doc of ofKind(small, 'stay')) {
      expect(claimsAgainst(doc.id, doc.fields as unknown as Stay, world)).toEqual([]);
    }
  });
});
