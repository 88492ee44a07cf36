import { fromEpochDay, toEpochDay, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import { holdsBed, type LegacyReservation } from './reservations.ts';

/** Bed-nights by month of the accepted reservations that hold a bed, months in order. */
export function bedNightsByMonth(reservations: Iterable<LegacyReservation>): Record<string, number> {
  const months = new Map<number, string>();
  const nights = new Map<string, number>();
  for (const reservation of reservations) {
    if (!holdsBed(reservation)) continue;
    const end = toEpochDay(reservation.to);
    for (let night = toEpochDay(reservation.from); night < end; night += 1) {
      const month = months.get(night) ?? fromEpochDay(night).slice(0, 7);
      months.set(night, month);
      nights.set(month, (nights.get(month) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...nights].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Beds held in the night of `asOf`, whether the guest has arrived or not. */
export function bedsOccupiedOn(reservations: Iterable<LegacyReservation>, asOf: PlainDate): number {
  let beds = 0;
  for (const reservation of reservations) {
    if (holdsBed(reservation) && reservation.from <= asOf && asOf < reservation.to) beds += 1;
  }
  return beds;
}
