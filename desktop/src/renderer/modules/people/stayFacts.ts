import { isInHouse, type Stay, type StaySegment } from '@sivis/shared/lodging/stay.ts';
import { nightsBetween, type PlainDate } from '@sivis/shared/time/plainDate.ts';

/** The part of the stay that holds on a day: on the last day its last part, before the first day its first one. */
export function segmentAt(stay: Stay, day: PlainDate): StaySegment | undefined {
  const segments = (stay.segments as StaySegment[] | undefined) ?? [];
  const at = segments.find((segment) => segment.from <= day && day < segment.to);
  if (at !== undefined) return at;
  return day < stay.arriveDate ? segments[0] : segments.at(-1);
}

/** The bed that a stay holds on a day; `null` without one, and for stays that are over: their bed is somebody else's. */
export function bedOn(stay: Stay | undefined, day: PlainDate): string | null {
  if (stay === undefined || !(stay.state === 'expected' || isInHouse(stay))) return null;
  return segmentAt(stay, day)?.bedId ?? null;
}

/** "5. diena no 14": which day of the stay it is, for somebody in the house; both ends are days. */
export function dayOfStay(
  stay: Stay,
  today: PlainDate,
): { readonly day: number; readonly of: number } | null {
  if (!isInHouse(stay) || today < stay.arriveDate) return null;
  const of = nightsBetween(stay.arriveDate, stay.departDate) + 1;
  return { day: Math.min(of, nightsBetween(stay.arriveDate, today) + 1), of };
}

/** Stays with the newest first. */
export function newestFirst<T extends { readonly fields: Stay }>(stays: readonly T[]): readonly T[] {
  return [...stays].sort((a, b) =>
    a.fields.arriveDate > b.fields.arriveDate ? -1 : a.fields.arriveDate < b.fields.arriveDate ? 1 : 0,
  );
}
