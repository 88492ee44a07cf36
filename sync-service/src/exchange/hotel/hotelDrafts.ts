import type { ImportDraft } from '../draft.ts';
import type { KnownPeople } from '../knownPeople.ts';
import { HOTEL_SOURCE } from './format.ts';
import { hotelIds } from './ids.ts';
import type { HotelImport } from './import4Hotel.ts';
import type { LegacyPerson } from './people.ts';
import { candidateDrafts, personDrafts } from './personDrafts.ts';
import { placeDrafts, siteName } from './placeDrafts.ts';
import { stayDrafts } from './stayDrafts.ts';

/**
 * The id of a person: the one whom an earlier run or another source already made, by key and then by code, or a new
 * one. A code that two people share tells nobody apart and is not asked.
 */
function personId(person: LegacyPerson, known: KnownPeople): string {
  for (const row of person.rows) {
    const id = known.byAlias(HOTEL_SOURCE, row.key);
    if (id !== undefined) return id;
  }
  const byCode =
    person.personalCode === null || person.codeShared ? undefined : known.byCode(person.personalCode);
  const sameDate =
    byCode !== undefined &&
    (byCode.birthDate === undefined || person.birthDate === null || byCode.birthDate === person.birthDate);
  return sameDate ? byCode.id : hotelIds.person(person.key);
}

/**
 * The documents of an import, lazily, each after those to which it refers: places, people with contacts, reservations
 * with stays, tasks. The same import gives the same documents.
 */
export function* hotelDrafts(hotel: HotelImport, known: KnownPeople): Generator<ImportDraft> {
  const siteOfRoom = new Map(
    hotel.rooms.map((room) => [room.number, hotelIds.site(siteName(room.building))]),
  );
  const mainSite = siteOfRoom.values().next().value ?? hotelIds.site(HOTEL_SOURCE);
  const personByGuest = new Map<string, string>();
  for (const person of hotel.people) {
    const id = personId(person, known);
    for (const row of person.rows) personByGuest.set(row.key, id);
  }
  const lastStay = new Map<string, { from: string; siteId: string }>();
  for (const reservation of hotel.reservations) {
    const id = personByGuest.get(reservation.guestKey) ?? '';
    const last = lastStay.get(id);
    if (last !== undefined && last.from >= reservation.from) continue;
    lastStay.set(id, { from: reservation.from, siteId: siteOfRoom.get(reservation.roomNumber) ?? mainSite });
  }
  const idOf = (person: LegacyPerson): string => personByGuest.get(person.key) ?? hotelIds.person(person.key);
  const places = { idOf, siteOf: (person: LegacyPerson) => lastStay.get(idOf(person))?.siteId ?? mainSite };
  yield* placeDrafts(hotel.rooms);
  yield* personDrafts(hotel.people, hotel.candidates, places);
  yield* stayDrafts(hotel.reservations, hotel.mixed, {
    personOf: (key) => personByGuest.get(key) ?? hotelIds.person(key),
    siteOfRoom: (number) => siteOfRoom.get(number) ?? mainSite,
  });
  yield* candidateDrafts(hotel.candidates, places);
}
