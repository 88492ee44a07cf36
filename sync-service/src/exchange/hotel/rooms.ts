import { EXCHANGE_LIMITS } from '../limits.ts';
import type { Ledger } from '../ledger.ts';
import type { Table } from '../table.ts';
import type { RoomColumn } from './format.ts';

export interface LegacyRoom {
  readonly number: string;
  readonly building: string;
  readonly floor: number;
  readonly roomType: string;
  readonly beds: number;
  readonly adapted: boolean;
  readonly note: string;
}

const FLOOR = /^-?\d{1,2}$/;
const BEDS = /^\d{1,2}$/;

/** What of a room is kept, or `null` when no rule names what is wrong with it. */
function readRoom(cells: Readonly<Record<RoomColumn, string>>): LegacyRoom | null {
  const beds = BEDS.test(cells.Vietas) ? Number(cells.Vietas) : NaN;
  const floor = FLOOR.test(cells.Stāvs) ? Number(cells.Stāvs) : NaN;
  if (!(beds <= EXCHANGE_LIMITS.roomBeds) || !(floor >= -5)) return null;
  if (cells.Pielāgots !== 'J' && cells.Pielāgots !== 'N') return null;
  if (cells.Korpuss === '' || cells.Korpuss.length > 40 || cells.Numurs.length > 20) return null;
  if (cells.Tips.length > 200 || cells.Piezīmes.length > 200) return null;
  return {
    number: cells.Numurs,
    building: cells.Korpuss,
    floor,
    roomType: cells.Tips,
    beds,
    adapted: cells.Pielāgots === 'J',
    note: cells.Piezīmes,
  };
}

/** In this order: `missing_key`, then `duplicate_key` (the first row wins), then what no rule names. */
export function readRooms(table: Table<RoomColumn>, ledger: Ledger): Map<string, LegacyRoom> {
  const rooms = new Map<string, LegacyRoom>();
  for (const row of table.rows) {
    if (row.cells === null) ledger.reject(row, 'malformed_row');
    else if (row.cells.Numurs === '') ledger.reject(row, 'missing_key');
    else if (rooms.has(row.cells.Numurs)) ledger.reject(row, 'duplicate_key');
    else {
      const room = readRoom(row.cells);
      if (room === null) ledger.reject(row, 'malformed_row');
      else {
        rooms.set(room.number, room);
        ledger.accept();
      }
    }
  }
  return rooms;
}
