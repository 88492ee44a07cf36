import type { Reservation } from '@sivis/shared/lodging/stay.ts';
import type { ImportDraft } from '../draft.ts';
import { hotelIds } from './ids.ts';
import type { LegacyReservation } from './reservations.ts';

const SERVICE_KINDS: Readonly<Record<string, Reservation['reservationKind']>> = {
  'Sociālā rehabilitācija': 'state',
  Maksas: 'paid',
  Koledža: 'student',
};

const STATES: Readonly<Record<LegacyReservation['state'], Reservation['state']>> = {
  expected: 'confirmed',
  in_house: 'confirmed',
  departed: 'closed',
  no_show: 'closed',
  cancelled: 'cancelled',
};

function reservationFields(legacy: LegacyReservation): ImportDraft['fields'] {
  return {
    // A service that nobody knows is somebody's guest; its name is kept as it came.
    reservationKind: SERVICE_KINDS[legacy.service] ?? 'guest',
    state: STATES[legacy.state],
    ...(legacy.service === '' ? {} : { service: legacy.service }),
    ...(legacy.priceCents === null ? {} : { pricePerNight: legacy.priceCents }),
    legacyNumber: String(legacy.id),
  };
}

export interface StayPlaces {
  personOf(guestKey: string): string;
  siteOfRoom(roomNumber: string): string;
}

/**
 * A reservation and its stay per accepted row; whoever had the row's bed keeps it for all its nights. Reservations come
 * in the order of their ids and stays in that of their days: that is how the store's indexes lie, and a large import
 * writes half as many pages.
 */
export function* stayDrafts(
  reservations: readonly LegacyReservation[],
  mixed: ReadonlySet<number>,
  places: StayPlaces,
): Generator<ImportDraft> {
  const withIds = reservations.map((legacy) => ({ legacy, id: hotelIds.reservation(legacy.id) }));
  withIds.sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const { legacy, id } of withIds) {
    const siteId = places.siteOfRoom(legacy.roomNumber);
    yield { id, kind: 'reservation', siteId, fields: reservationFields(legacy) };
  }
  withIds.sort((a, b) =>
    a.legacy.from === b.legacy.from ? a.legacy.id - b.legacy.id : a.legacy.from < b.legacy.from ? -1 : 1,
  );
  for (const { legacy, id } of withIds) {
    const bedId = hotelIds.bed(legacy.roomNumber, legacy.bedLetter);
    yield {
      id: hotelIds.stay(legacy.id),
      kind: 'stay',
      siteId: places.siteOfRoom(legacy.roomNumber),
      fields: {
        reservationId: id,
        personId: places.personOf(legacy.guestKey),
        arriveDate: legacy.from,
        departDate: legacy.to,
        segments: [{ id: hotelIds.segment(legacy.id), bedId, from: legacy.from, to: legacy.to }],
        state: legacy.state,
        boardPlan: legacy.boardPlan,
        ...(legacy.service === '' ? {} : { service: legacy.service }),
        ...(legacy.note === '' ? {} : { note: legacy.note }),
        flags: mixed.has(legacy.id) ? ['mixedRoom', 'imported'] : ['imported'],
      },
    };
  }
}
