import { derivedId } from '@sivis/shared/ids/ids.ts';
import { HOTEL_FILES, HOTEL_SOURCE } from './format.ts';

/** Ids of imported documents: UUIDv5 of source, file and key (decision 27), so that a second run meets the first. */
export const hotelIds = {
  site: (name: string) => derivedId(HOTEL_SOURCE, HOTEL_FILES.rooms, `site:${name}`),
  building: (name: string) => derivedId(HOTEL_SOURCE, HOTEL_FILES.rooms, `building:${name}`),
  floor: (building: string, floor: number) =>
    derivedId(HOTEL_SOURCE, HOTEL_FILES.rooms, `floor:${building}:${floor}`),
  room: (number: string) => derivedId(HOTEL_SOURCE, HOTEL_FILES.rooms, `room:${number}`),
  bed: (room: string, letter: string) => derivedId(HOTEL_SOURCE, HOTEL_FILES.rooms, `bed:${room}:${letter}`),
  person: (key: string) => derivedId(HOTEL_SOURCE, HOTEL_FILES.guests, key),
  contact: (key: string, kind: string) => derivedId(HOTEL_SOURCE, HOTEL_FILES.guests, `${key}:${kind}`),
  candidate: (keys: readonly string[]) =>
    derivedId(HOTEL_SOURCE, HOTEL_FILES.guests, `candidate:${keys.join('+')}`),
  reservation: (id: number) => derivedId(HOTEL_SOURCE, HOTEL_FILES.reservations, `${id}`),
  stay: (id: number) => derivedId(HOTEL_SOURCE, HOTEL_FILES.reservations, `${id}:stay`),
  segment: (id: number) => derivedId(HOTEL_SOURCE, HOTEL_FILES.reservations, `${id}:segment`),
};
