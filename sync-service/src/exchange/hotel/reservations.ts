import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { toEpochDay, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Ledger, RejectReason } from '../ledger.ts';
import type { Table, TableRow } from '../table.ts';
import { createBedCalendar, type BedCalendar } from './bedCalendar.ts';
import type { ReservationColumn } from './format.ts';
import type { LegacyGuest } from './guests.ts';
import type { LegacyRoom } from './rooms.ts';
import { readCents, readDate, readNumber } from './values.ts';

type LegacyState = Exclude<Stay['state'], 'on_leave'>;

const STATES: Readonly<Record<string, LegacyState>> = {
  Apstiprināts: 'expected',
  Iemitināts: 'in_house',
  Izrakstīts: 'departed',
  Neieradās: 'no_show',
  Atcelts: 'cancelled',
};

const BOARDS: Readonly<Record<string, Stay['boardPlan']>> = { PP: 'full', BR: 'breakfast', '': 'none' };

export interface LegacyReservation {
  readonly id: number;
  readonly guestKey: string;
  readonly roomNumber: string;
  /** `A` is the first bed of the room. */
  readonly bedLetter: string;
  readonly from: PlainDate;
  readonly to: PlainDate;
  readonly state: LegacyState;
  readonly boardPlan: Stay['boardPlan'];
  readonly priceCents: number | null;
  readonly service: string;
  readonly note: string;
}

/** Cancelled and no-show reservations hold no bed. */
export function holdsBed(reservation: Pick<LegacyReservation, 'state'>): boolean {
  return reservation.state !== 'cancelled' && reservation.state !== 'no_show';
}

/** The letter of the bed by its place in the room, from 0. */
export function bedLetter(index: number): string {
  return String.fromCharCode(65 + index);
}

function hasBed(room: LegacyRoom | undefined, letter: string): boolean {
  if (room === undefined || !/^[A-Z]$/.test(letter)) return false;
  return letter.charCodeAt(0) - 65 < room.beds;
}

interface Known {
  readonly rooms: ReadonlyMap<string, LegacyRoom>;
  readonly guests: ReadonlyMap<string, LegacyGuest>;
}

function readReservation(
  id: number,
  cells: Readonly<Record<ReservationColumn, string>>,
  known: Known,
  calendar: BedCalendar,
): LegacyReservation | RejectReason {
  const from = readDate(cells.Ierašanās);
  const to = readDate(cells.Izbraukšana);
  if (from === null || to === null) return 'impossible_date';
  if (to <= from) return 'departure_before_arrival';
  if (!hasBed(known.rooms.get(cells.Numurs), cells.Vieta)) return 'unknown_bed';
  if (!known.guests.has(cells.ViesaID)) return 'unknown_guest';
  const state = STATES[cells.Statuss];
  const boardPlan = BOARDS[cells.Ēdināšana];
  const priceCents = cells.Cena === '' ? null : readCents(cells.Cena);
  const badPrice = priceCents === null && cells.Cena !== '';
  const tooLong = cells.Pakalpojums.length > 200 || cells.Piezīmes.length > 4_000;
  // Without a known status nobody can say whether the row would hold its bed.
  if (state === undefined || boardPlan === undefined || badPrice || tooLong) return 'malformed_row';
  const bed = `${cells.Numurs}/${cells.Vieta}`;
  if (holdsBed({ state }) && !calendar.take(bed, toEpochDay(from), toEpochDay(to))) return 'bed_overlap';
  return {
    id,
    guestKey: cells.ViesaID,
    roomNumber: cells.Numurs,
    bedLetter: cells.Vieta,
    from,
    to,
    state,
    boardPlan,
    priceCents,
    service: cells.Pakalpojums,
    note: cells.Piezīmes,
  };
}

/**
 * By ascending number: `impossible_date`, `departure_before_arrival`, `unknown_bed`, `unknown_guest`, what no
 * rule names, `bed_overlap`. Rows whose number is none, or was there already, are `malformed_row`: they have no place
 * in the order.
 */
export function readReservations(
  table: Table<ReservationColumn>,
  known: Known,
  ledger: Ledger,
): LegacyReservation[] {
  const numbered: {
    id: number;
    row: TableRow<ReservationColumn>;
    cells: Readonly<Record<ReservationColumn, string>>;
  }[] = [];
  const seen = new Set<number>();
  for (const row of table.rows) {
    const id = row.cells === null ? null : readNumber(row.cells.RezID);
    if (id === null || row.cells === null || seen.has(id)) {
      ledger.reject(row, 'malformed_row');
      continue;
    }
    seen.add(id);
    numbered.push({ id, row, cells: row.cells });
  }
  numbered.sort((a, b) => a.id - b.id);
  const calendar = createBedCalendar();
  const accepted: LegacyReservation[] = [];
  for (const { id, row, cells } of numbered) {
    const reading = readReservation(id, cells, known, calendar);
    if (typeof reading === 'string') {
      ledger.reject(row, reading);
      continue;
    }
    accepted.push(reading);
    ledger.accept();
  }
  return accepted;
}
