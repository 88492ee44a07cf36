import { overlaps } from '@sivis/shared/lodging/nights.ts';
import { holdsBeds, type Stay } from '@sivis/shared/lodging/stay.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Desk, DeskDoc } from '../../data/desk/desk.ts';

/** The stays that share a room with this one for at least one night of `[from, to)`. */
export function roomMates(
  desk: Desk,
  stay: DeskDoc<'stay'>,
  from: PlainDate,
  to: PlainDate,
): DeskDoc<'stay'>[] {
  const mates = new Map<string, DeskDoc<'stay'>>();
  for (const segment of stay.fields.segments) {
    const start = segment.from < from ? from : segment.from;
    const end = to < segment.to ? to : segment.to;
    if (segment.bedId === null || start >= end) continue;
    const roomId = desk.get('bed', segment.bedId)?.fields.roomId;
    for (const bed of roomId === undefined ? [] : desk.bedsOfRoom(roomId)) {
      for (const other of desk.staysOfBed(bed.id)) {
        if (other.id === stay.id || !sleepsThere(other.fields, bed.id, start, end)) continue;
        mates.set(other.id, other);
      }
    }
  }
  return [...mates.values()];
}

function sleepsThere(stay: Stay, bedId: string, from: PlainDate, to: PlainDate): boolean {
  return (
    holdsBeds(stay) &&
    stay.state !== 'departed' &&
    stay.segments.some((part) => part.bedId === bedId && overlaps(part.from, part.to, from, to))
  );
}
