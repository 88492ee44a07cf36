import type { TapeMark, TapeRow } from '../../../ui/tape/model.ts';
import type { BedPlace } from '../places.ts';

/** Rows that are not beds. */
export const NO_BED_LANE = 'lane:noBed';

export interface BoardRowTexts {
  /** `Dubulti 2 · 2. stāvs` */
  readonly floor: (building: string, floor: number | undefined) => string;
  readonly singleBed: string;
  readonly marks: (place: BedPlace) => readonly TapeMark[];
}

export interface BoardRowFilter {
  readonly buildingId?: string | undefined;
  readonly adapted?: boolean;
  /** Beds to show; absent shows all. */
  readonly only?: ((bedId: string) => boolean) | undefined;
}

/** The rows of the room plan: a heading per building and floor, under it the beds, room by room. `places` are in order. */
export function boardRows(
  places: readonly BedPlace[],
  texts: BoardRowTexts,
  filter: BoardRowFilter = {},
): TapeRow[] {
  const rows: TapeRow[] = [];
  const shown = places.filter(
    ({ bed, room }) =>
      (filter.buildingId === undefined || room.fields.buildingId === filter.buildingId) &&
      (filter.adapted !== true || room.fields.adapted) &&
      filter.only?.(bed.id) !== false,
  );
  const bedsOf = new Map<string, number>();
  for (const { room } of places) bedsOf.set(room.id, (bedsOf.get(room.id) ?? 0) + 1);
  let group = '';
  let roomId = '';
  for (const place of shown) {
    const { bed, room, floor, building } = place;
    const key = `floor:${room.fields.floorId}`;
    if (key !== group) {
      group = key;
      rows.push({
        id: key,
        kind: 'group',
        label: texts.floor(building?.fields.name ?? '', floor?.fields.number),
      });
    }
    rows.push({
      id: bed.id,
      kind: 'bed',
      label: room.fields.number,
      sublabel: bedsOf.get(room.id) === 1 ? texts.singleBed : bed.fields.label,
      marks: texts.marks(place),
      firstOfRoom: room.id !== roomId,
    });
    roomId = room.id;
  }
  return rows;
}
