import type { Stay } from '@sivis/shared/lodging/stay.ts';
import type { WriteTx } from '../store/store.ts';

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
