import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import { overlaps } from '@sivis/shared/lodging/nights.ts';
import type { Block, Stay } from '@sivis/shared/lodging/stay.ts';
import type { Known, World } from '@sivis/shared/rules/world.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Desk } from './desk.ts';

/** A document as it would be after a command, laid over what the desk holds. */
export interface Planned {
  readonly id: string;
  readonly kind: Kind;
  readonly fields: Fields;
}

/**
 * What the rules may look at: the desk's documents, with planned ones on top, so that the parts of one command are
 * judged together (two stays that exchange their beds).
 */
export function deskWorld(desk: Desk, today: PlainDate, planned: readonly Planned[] = []): World {
  const overlay = new Map(planned.map((doc) => [doc.id, doc]));
  const ofOverlay = (kind: Kind): Planned[] => planned.filter((doc) => doc.kind === kind);

  /** What the desk knows, without what the plan replaces, and what of the plan fits. */
  const merged = (
    kind: Kind,
    known: readonly { id: string; fields: unknown }[],
    fits: (fields: Fields) => boolean,
  ): Known[] => [
    ...known
      .filter((doc) => !overlay.has(doc.id))
      .map((doc) => ({ id: doc.id, fields: doc.fields as Fields })),
    ...ofOverlay(kind).filter((doc) => fits(doc.fields)),
  ];

  const bedsOfRoom = (roomId: string): Known[] =>
    merged('bed', desk.bedsOfRoom(roomId), (fields) => fields['roomId'] === roomId);

  const inBeds =
    (beds: ReadonlySet<string>, from: PlainDate, to: PlainDate) =>
    (fields: Fields): boolean =>
      ((fields as unknown as Stay).segments as Stay['segments'] | undefined)?.some(
        (segment) =>
          segment.bedId !== null && beds.has(segment.bedId) && overlaps(segment.from, segment.to, from, to),
      ) ?? false;

  return {
    today,
    get: (kind, id) => {
      const plan = overlay.get(id);
      if (plan !== undefined) return plan.kind === kind ? plan.fields : undefined;
      return desk.get(kind, id)?.fields as Fields | undefined;
    },
    staysOfPerson: (personId) =>
      merged('stay', desk.staysOfPerson(personId), (fields) => fields['personId'] === personId),
    bedsOfRoom,
    staysInRoom: (roomId, from, to) => {
      const beds = new Set(bedsOfRoom(roomId).map((bed) => bed.id));
      const fits = inBeds(beds, from, to);
      const known = new Map(
        [...beds].flatMap((bedId) => desk.staysOfBed(bedId)).map((stay) => [stay.id, stay]),
      );
      return merged('stay', [...known.values()], fits).filter((stay) => fits(stay.fields));
    },
    blocksOf: (bedId, from, to) => {
      const roomId = overlay.get(bedId)?.fields['roomId'] ?? desk.get('bed', bedId)?.fields.roomId;
      const targets = typeof roomId === 'string' ? [bedId, roomId] : [bedId];
      const fits = (fields: Fields): boolean => {
        const block = fields as unknown as Block;
        return (
          targets.includes(block.targetId) &&
          block.state === 'active' &&
          overlaps(block.from, block.to, from, to)
        );
      };
      const known = targets.flatMap((target) => desk.blocksOfTarget(target));
      return merged('block', known, fits).filter((block) => fits(block.fields));
    },
  };
}
