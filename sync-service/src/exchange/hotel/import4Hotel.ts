import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import { createLedger, type FileReport, type RejectedRow } from '../ledger.ts';
import { readTable } from '../table.ts';
import { GUEST_COLUMNS, HOTEL_FILES, RESERVATION_COLUMNS, ROOM_COLUMNS } from './format.ts';
import { readGuests, type LegacyGuest } from './guests.ts';
import { mixedReservations } from './mixedRooms.ts';
import { bedNightsByMonth, bedsOccupiedOn } from './occupancy.ts';
import { mergeGuests, type DuplicateCandidate, type LegacyPerson, type PeopleFigures } from './people.ts';
import { readReservations, type LegacyReservation } from './reservations.ts';
import { readRooms, type LegacyRoom } from './rooms.ts';

export interface HotelFiles {
  readonly numuri: Uint8Array;
  readonly viesi: Uint8Array;
  readonly rezervacijas: Uint8Array;
}

/** What `--json` prints. */
export interface HotelReport {
  readonly asof: PlainDate;
  readonly files: Readonly<Record<string, FileReport>>;
  readonly people: PeopleFigures;
  readonly beds_occupied_on_asof: number;
  readonly bed_nights_by_month: Readonly<Record<string, number>>;
}

export interface HotelImport {
  readonly report: HotelReport;
  /** Rejected rows in the order of files and lines. */
  readonly rejected: readonly RejectedRow[];
  readonly rooms: readonly LegacyRoom[];
  readonly people: readonly LegacyPerson[];
  readonly candidates: readonly DuplicateCandidate[];
  readonly reservations: readonly LegacyReservation[];
  readonly guests: ReadonlyMap<string, LegacyGuest>;
  /** Numbers of the reservations in rooms that women and men share. */
  readonly mixed: ReadonlySet<number>;
}

/**
 * Reads and judges the three files of 4Hotel; writes nothing. Throws an ImportError when a file is refused as a whole;
 * otherwise every row is accepted or rejected with one reason.
 */
export function import4Hotel(files: HotelFiles, options: { readonly asOf: PlainDate }): HotelImport {
  // All three are read before any row is judged, so that a broken last file refuses the import as early as the first.
  const roomTable = readTable(HOTEL_FILES.rooms, files.numuri, ROOM_COLUMNS);
  const guestTable = readTable(HOTEL_FILES.guests, files.viesi, GUEST_COLUMNS);
  const reservationTable = readTable(HOTEL_FILES.reservations, files.rezervacijas, RESERVATION_COLUMNS);

  const roomLedger = createLedger(roomTable.file);
  const guestLedger = createLedger(guestTable.file);
  const reservationLedger = createLedger(reservationTable.file);
  const rooms = readRooms(roomTable, roomLedger);
  const guests = readGuests(guestTable, guestLedger);
  const reservations = readReservations(reservationTable, { rooms, guests }, reservationLedger);
  const { people, candidates, figures } = mergeGuests(guests.values());
  const ledgers = [roomLedger, guestLedger, reservationLedger];
  return {
    report: {
      asof: options.asOf,
      files: {
        [roomTable.file]: roomLedger.report(),
        [guestTable.file]: guestLedger.report(),
        [reservationTable.file]: reservationLedger.report(),
      },
      people: figures,
      beds_occupied_on_asof: bedsOccupiedOn(reservations, options.asOf),
      bed_nights_by_month: bedNightsByMonth(reservations),
    },
    rejected: ledgers.flatMap((ledger) => [...ledger.rejectedRows()].sort((a, b) => a.line - b.line)),
    rooms: [...rooms.values()],
    people,
    candidates,
    reservations,
    guests,
    mixed: mixedReservations(reservations, guests),
  };
}
