import { holdsBeds, isInHouse, type Stay } from '@sivis/shared/lodging/stay.ts';
import { segmentOn } from '@sivis/shared/lodging/nights.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Desk, DeskDoc } from '../../data/desk/desk.ts';

/** What a bed is like for somebody who wants to lie down in it in the night of `day`. */
export type BedState =
  | { readonly state: 'free' }
  /** Somebody who should leave by that day is still registered in it. */
  | { readonly state: 'notVacated'; readonly stay: DeskDoc<'stay'> }
  /** Somebody else holds the night. */
  | { readonly state: 'taken'; readonly stay: DeskDoc<'stay'> }
  | { readonly state: 'blocked'; readonly block: DeskDoc<'block'> };

function holdsBed(desk: Desk, stay: Stay, bedId: string, day: PlainDate): boolean {
  const segment = segmentOn(stay, day);
  if (segment?.bedId === undefined || segment.bedId === null) return false;
  if (segment.bedId === bedId) return true;
  if (segment.privateUse !== true) return false;
  const roomOf = (id: string): string | undefined => desk.get('bed', id)?.fields.roomId;
  return roomOf(segment.bedId) === roomOf(bedId);
}

/** The state of a bed on a day, seen by `exceptStayId` (I1, I3): its own claim is left out. */
export function bedState(desk: Desk, bedId: string, day: PlainDate, exceptStayId?: string): BedState {
  const roomId = desk.get('bed', bedId)?.fields.roomId;
  const block = [bedId, roomId ?? '']
    .flatMap((target) => desk.blocksOfTarget(target))
    .find(({ fields }) => fields.state === 'active' && fields.from <= day && day < fields.to);
  if (block !== undefined) return { state: 'blocked', block };

  const beds = roomId === undefined ? [bedId] : desk.bedsOfRoom(roomId).map((bed) => bed.id);
  const stays = beds.flatMap((id) => desk.staysOfBed(id)).filter((stay) => stay.id !== exceptStayId);
  const taken = stays.find(
    (stay) =>
      holdsBeds(stay.fields) && stay.fields.state !== 'departed' && holdsBed(desk, stay.fields, bedId, day),
  );
  if (taken !== undefined) return { state: 'taken', stay: taken };

  const late = stays.find(
    ({ fields }) => isInHouse(fields) && fields.departDate <= day && fields.segments.at(-1)?.bedId === bedId,
  );
  return late === undefined ? { state: 'free' } : { state: 'notVacated', stay: late };
}
