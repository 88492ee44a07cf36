import type { Room } from '@sivis/shared/lodging/places.ts';
import type { DemoDoc } from './doc.ts';
import type { IdSource } from './ids.ts';
import type { Random } from './random.ts';
import type { CentreSize } from './sizes.ts';

export interface DemoBed {
  readonly id: string;
  readonly label: string;
}

export interface DemoRoom {
  readonly id: string;
  readonly number: string;
  readonly beds: readonly DemoBed[];
  readonly adapted: boolean;
  readonly stepFree: boolean;
  readonly sexPolicy: Room['sexPolicy'];
}

export interface DemoPlaces {
  readonly siteId: string;
  readonly rooms: readonly DemoRoom[];
  readonly docs: readonly DemoDoc[];
}

const TYPES = ['Vienvietīga', 'Divvietīga', 'Trīsvietīga'] as const;

/** One, two or three beds: a fifth, three fifths and a fifth of the rooms; the mean is two. */
const bedsOf = (index: number): number => (index % 5 === 2 ? 1 : index % 5 === 4 ? 3 : 2);

/** The site Dubulti with its two buildings, floors, rooms and beds. */
export function demoPlaces(random: Random, newId: IdSource, size: CentreSize): DemoPlaces {
  const docs: DemoDoc[] = [];
  const rooms: DemoRoom[] = [];
  const siteId = newId();
  docs.push({ id: siteId, kind: 'site', fields: { name: 'Dubulti', code: 'DUB', order: 0 } });
  const buildingIds = new Map<number, string>();
  for (const { building, floor, first, rooms: count } of size.floors) {
    const buildingId = buildingIds.get(building) ?? newId();
    if (!buildingIds.has(building)) {
      buildingIds.set(building, buildingId);
      const fields = { name: `Dubulti ${building}`, code: `DUB-${building}`, order: building };
      docs.push({ id: buildingId, kind: 'building', fields });
    }
    const floorId = newId();
    docs.push({ id: floorId, kind: 'floor', fields: { buildingId, number: floor, order: floor } });
    for (let index = 0; index < count; index += 1) {
      const number = String(first + index);
      const adapted = index % 7 === 3;
      const stepFree = adapted || floor === 1;
      const sexPolicy = random.weighted([
        ['any', 5],
        ['follow', 4],
        ['F', 0.7],
        ['M', 0.5],
      ] as const);
      const id = newId();
      const bedCount = bedsOf(index);
      docs.push({
        id,
        kind: 'room',
        fields: {
          buildingId,
          floorId,
          number,
          roomType: `${TYPES[bedCount - 1] ?? ''}${adapted ? ', pielāgota' : ''}`,
          sexPolicy,
          adapted,
          ...(stepFree ? { stepFree } : {}),
          order: building * 1_000 + Number(number),
        },
      });
      const beds = ['A', 'B', 'C'].slice(0, bedCount).map((label, order) => {
        const bedId = newId();
        const bedKind = adapted && order === 0 ? 'adjustable' : 'fixed';
        docs.push({ id: bedId, kind: 'bed', fields: { roomId: id, label, bedKind, order } });
        return { id: bedId, label };
      });
      rooms.push({ id, number, beds, adapted, stepFree, sexPolicy });
    }
  }
  return { siteId, rooms, docs };
}
