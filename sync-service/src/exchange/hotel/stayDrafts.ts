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

/** A reservation and its stay per accepted row; whoever had the row's bed keeps it for all its nights. */
export function* stayDrafts(
  reservations: readonly LegacyReservation[],
  mixed: ReadonlySet<number>,
  places: StayPlaces,
): Generator<ImportDraft> {
  // By date, because neighbours in time are neighbours in the store's indexes of nights.
  const byDate = [...reservations].sort((a, b) =>
    a.from === b.from ? a.id - b.id : a.from < b.from ? -1 : 1,
  );
  for (const legacy of byDate) {
    const siteId = places.siteOfRoom(legacy.roomNumber);
    const reservationId = hotelIds.reservation(legacy.id);
    const bedId = hotelIds.bed(legacy.roomNumber, legacy.bedLetter);
    yield { id: reservationId, kind: 'reservation', siteId, fields: reservationFields(legacy) };
    yield {
      id: hotelIds.stay(legacy.id),
      kind: 'stay',
      siteId,
      fields: {
        reservationId,
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
