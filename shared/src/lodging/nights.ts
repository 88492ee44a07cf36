import { addDays, nightsBetween, toEpochDay, type PlainDate } from '../time/plainDate.ts';
import type { Known } from '../rules/world.ts';
import { holdsBeds, type Stay, type StaySegment } from './stay.ts';

/** One bed in one night; a night is named by its evening (lodging-catering 3.1). */
export interface BedNightClaim {
  readonly bedId: string;
  /** Epoch day of the evening. */
  readonly night: number;
}

/**
 * The bed-nights that a stay holds (I1, I3): its segments' nights in their beds; a segment for private use holds every
 * bed of the room. `bedsOfRoomOf` gives the beds of the room in which a bed stands, itself among them.
 */
export function nightsOf(
  stay: Pick<Stay, 'state' | 'segments'>,
  bedsOfRoomOf: (bedId: string) => readonly string[],
): BedNightClaim[] {
  if (!holdsBeds(stay)) return [];
  const claims: BedNightClaim[] = [];
  for (const segment of stay.segments) {
    if (segment.bedId === null) continue;
    const beds = segment.privateUse === true ? bedsOfRoomOf(segment.bedId) : [segment.bedId];
    const first = toEpochDay(segment.from);
    const end = toEpochDay(segment.to);
    for (const bedId of beds) for (let night = first; night < end; night += 1) claims.push({ bedId, night });
  }
  return claims;
}

/** True when `[aFrom, aTo)` and `[bFrom, bTo)` share a night. */
export function overlaps(aFrom: PlainDate, aTo: PlainDate, bFrom: PlainDate, bTo: PlainDate): boolean {
  return aFrom < bTo && bFrom < aTo;
}

/** The segment in whose bed the night is slept. */
export function segmentOn(stay: Pick<Stay, 'segments'>, night: PlainDate): StaySegment | undefined {
  return stay.segments.find((segment) => segment.from <= night && night < segment.to);
}

/** The segment that matters on a day: the night's, on the day of departure the last one. */
export function segmentOfDay(stay: Pick<Stay, 'segments'>, day: PlainDate): StaySegment | undefined {
  return (
    segmentOn(stay, day) ?? (day < (stay.segments[0]?.from ?? '') ? stay.segments[0] : stay.segments.at(-1))
  );
}

/** Nights of a stay. */
export function stayNights(stay: Pick<Stay, 'arriveDate' | 'departDate'>): number {
  return nightsBetween(stay.arriveDate, stay.departDate);
}

/** The number of the stay's day, from 1 on the day of arrival. */
export function dayOfStay(stay: Pick<Stay, 'arriveDate'>, today: PlainDate): number {
  return nightsBetween(stay.arriveDate, today) + 1;
}

/** Consecutive nights as half-open spans, for telling which nights a refusal means. */
export function spansOf(nights: readonly number[]): { from: number; to: number }[] {
  const spans: { from: number; to: number }[] = [];
  for (const night of [...new Set(nights)].sort((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last !== undefined && last.to === night) last.to = night + 1;
    else spans.push({ from: night, to: night + 1 });
  }
  return spans;
}

/** Stays among `known` that hold beds. */
export function holding(known: readonly Known[]): readonly (Known & { readonly stay: Stay })[] {
  return known
    .map((entry) => ({ ...entry, stay: entry.fields as unknown as Stay }))
    .filter((entry) => holdsBeds(entry.stay));
}

/** Every night from `from` to `to`, as plain dates. */
export function eachNight(from: PlainDate, to: PlainDate): PlainDate[] {
  const nights: PlainDate[] = [];
  for (let night = from; night < to; night = addDays(night, 1)) nights.push(night);
  return nights;
}
