import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { LegacyGuest } from './guests.ts';
import { holdsBed, type LegacyReservation } from './reservations.ts';

interface Sleeper {
  readonly id: number;
  readonly from: PlainDate;
  readonly to: PlainDate;
  readonly sex: 'F' | 'M';
}

/**
 * Numbers of the reservations that share a night of a room with somebody of the other sex: they are flagged,
 * not refused. Where a sex is unknown, nothing is said.
 */
export function mixedReservations(
  reservations: Iterable<LegacyReservation>,
  guests: ReadonlyMap<string, LegacyGuest>,
): ReadonlySet<number> {
  const rooms = new Map<string, Sleeper[]>();
  for (const reservation of reservations) {
    const sex = guests.get(reservation.guestKey)?.sex ?? null;
    if (!holdsBed(reservation) || sex === null) continue;
    const sleepers = rooms.get(reservation.roomNumber) ?? [];
    sleepers.push({ id: reservation.id, from: reservation.from, to: reservation.to, sex });
    rooms.set(reservation.roomNumber, sleepers);
  }
  const mixed = new Set<number>();
  for (const sleepers of rooms.values()) {
    sleepers.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
    let present: Sleeper[] = [];
    for (const sleeper of sleepers) {
      present = present.filter((other) => other.to > sleeper.from);
      for (const other of present) if (other.sex !== sleeper.sex) mixed.add(other.id).add(sleeper.id);
      present.push(sleeper);
    }
  }
  return mixed;
}
