import type { Fields } from '@sivis/shared/docs/json.ts';
import { nightsOf } from '@sivis/shared/lodging/nights.ts';
import type { Block, Stay } from '@sivis/shared/lodging/stay.ts';
import type { WriteTx } from '../store/store.ts';
import { takeFree } from './blocks.ts';

/**
 * For the beds of a stay, all beds of the room they stand in: a segment for private use holds every one of them (I3).
 * A segment in common use is answered with its own bed.
 */
export async function roomBedsOf(
  tx: WriteTx,
  stay: Pick<Stay, 'segments'>,
): Promise<(bedId: string) => readonly string[]> {
  const rooms = new Map<string, readonly string[]>();
  for (const segment of stay.segments) {
    if (segment.privateUse !== true || segment.bedId === null) continue;
    const roomId = (await tx.doc(segment.bedId))?.fields['roomId'];
    if (typeof roomId !== 'string') continue;
    rooms.set(
      segment.bedId,
      (await tx.childrenOf(roomId, 'bed')).map((bed) => bed.id),
    );
  }
  return (bedId) => rooms.get(bedId) ?? [bedId];
}

/** Beyond every night that anybody holds (the year 2199). */
const ALL_NIGHTS = 84_000;

/**
 * After a bed came into a room or left it: who has the whole room, or closed it, holds the beds that are in it now (I3).
 * Nights that somebody holds already in a bed that came are left to them.
 */
export async function holdRoomAnew(tx: WriteTx, before: Fields | undefined, after: Fields): Promise<void> {
  if (before?.['roomId'] === after['roomId']) return;
  for (const roomId of [before?.['roomId'], after['roomId']]) {
    if (typeof roomId !== 'string') continue;
    const beds = (await tx.childrenOf(roomId, 'bed')).map((bed) => bed.id);
    const held = await tx.nightsHeld(beds, 0, ALL_NIGHTS);
    for (const holder of await tx.docs([...new Set(held.map((night) => night.holderId))])) {
      const stay = holder.fields as unknown as Stay;
      if (holder.kind !== 'stay' || !stay.segments.some((part) => part.privateUse === true)) continue;
      const wanted = nightsOf(stay, await roomBedsOf(tx, stay));
      const taken = new Set((await tx.holdNights(holder.id, wanted)).map(keyOf));
      if (taken.size > 0)
        await tx.holdNights(
          holder.id,
          wanted.filter((night) => !taken.has(keyOf(night))),
        );
    }
    for (const doc of await tx.childrenOf(roomId, 'block')) {
      const block = doc.fields as unknown as Block;
      if (block.state === 'active') await takeFree(tx, doc.id, block);
    }
  }
}

const keyOf = ({ bedId, night }: { readonly bedId: string; readonly night: number }): string =>
  `${bedId} ${night}`;
