import { overlaps } from '@sivis/shared/lodging/nights.ts';
import { holdsBeds, type Stay } from '@sivis/shared/lodging/stay.ts';
import type { Desk, DeskDoc } from '../../data/desk/desk.ts';

/** The stays that share a room with this one for at least one night of `[from, its end)`. */
export function roomMates(desk: Desk, stay: DeskDoc<'stay'>, from: string): DeskDoc<'stay'>[] {
  const mates = new Map<string, DeskDoc<'stay'>>();
  for (const segment of stay.fields.segments) {
    const start = segment.from < from ? from : segment.from;
    if (segment.bedId === null || start >= segment.to) continue;
    const roomId = desk.get('bed', segment.bedId)?.fields.roomId;
    for (const bed of roomId === undefined ? [] : desk.bedsOfRoom(roomId)) {
      for (const other of desk.staysOfBed(bed.id)) {
        if (other.id === stay.id || !sleepsThere(other.fields, bed.id, start, segment.to)) continue;
        mates.set(other.id, other);
      }
    }
  }
  return [...mates.values()];
}

function sleepsThere(stay: Stay, bedId: string, from: string, to: string): boolean {
  return (
    holdsBeds(stay) &&
    stay.state !== 'departed' &&
    stay.segments.some((part) => part.bedId === bedId && overlaps(part.from, part.to, from, to))
  );
}
