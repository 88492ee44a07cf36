import type { Fields } from '../docs/json.ts';
import type { Kind } from '../docs/kinds.ts';
import type { Known, World } from '../rules/world.ts';
import type { PlainDate } from '../time/plainDate.ts';
import { overlaps } from './nights.ts';
import type { Block, Stay } from './stay.ts';

/** A small world for tests of rules: documents by id, looked through as the desk does. */
export function testWorld(
  today: PlainDate,
  docs: Readonly<Record<string, { kind: Kind; fields: object }>>,
): World {
  const all: (Known & { kind: Kind })[] = Object.entries(docs).map(([id, doc]) => ({
    id,
    kind: doc.kind,
    fields: doc.fields as Fields,
  }));
  const ofKind = (kind: Kind): Known[] => all.filter((doc) => doc.kind === kind);
  const bedsOfRoom = (roomId: string): Known[] =>
    ofKind('bed').filter((bed) => bed.fields['roomId'] === roomId);
  return {
    today,
    get: (kind, id) => all.find((doc) => doc.id === id && doc.kind === kind)?.fields,
    staysOfPerson: (personId) => ofKind('stay').filter((stay) => stay.fields['personId'] === personId),
    bedsOfRoom,
    staysInRoom: (roomId, from, to) => {
      const beds = new Set(bedsOfRoom(roomId).map((bed) => bed.id));
      return ofKind('stay').filter((stay) =>
        (stay.fields as unknown as Stay).segments.some(
          (segment) =>
            segment.bedId !== null && beds.has(segment.bedId) && overlaps(segment.from, segment.to, from, to),
        ),
      );
    },
    blocksOf: (bedId, from, to) =>
      ofKind('block').filter((block) => {
        const roomId = all.find((doc) => doc.id === bedId)?.fields['roomId'];
        const closed = block.fields as unknown as Block;
        const targets = block.fields['targetId'] === bedId || block.fields['targetId'] === roomId;
        return targets && block.fields['state'] === 'active' && overlaps(closed.from, closed.to, from, to);
      }),
  };
}
