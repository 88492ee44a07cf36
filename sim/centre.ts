import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import { SERVICE_ACTOR_ID } from '../sync-service/src/sync/env.ts';
import type { WriteTx } from '../sync-service/src/store/store.ts';
import type { Random } from './random.ts';

/** The small house in which a world begins: two sites, a few rooms and people. */
export interface Centre {
  readonly siteIds: readonly [string, string];
  readonly personIds: readonly string[];
}

export async function buildCentre(tx: WriteTx, random: Random): Promise<Centre> {
  const put = async (kind: Kind, siteId: string, fields: Fields, id = random.id()): Promise<string> => {
    const stamp = { by: SERVICE_ACTOR_ID, at: '2026-01-01T00:00:00.000Z', device: '' };
    await tx.putDoc({
      id,
      kind,
      siteId,
      rev: 1,
      fields,
      stamps: Object.fromEntries(Object.keys(fields).map((field) => [field, stamp])),
      createdBy: SERVICE_ACTOR_ID,
    });
    return id;
  };
  const siteIds: [string, string] = [random.id(), random.id()];
  const personIds: string[] = [];
  for (const [index, siteId] of siteIds.entries()) {
    await put('site', siteId, { name: `Centrs ${index + 1}`, code: `C${index + 1}`, order: index }, siteId);
    const building = await put('building', siteId, { name: 'Korpuss', code: 'K', order: 1 });
    const floor = await put('floor', siteId, { buildingId: building, number: 2, order: 1 });
    const rooms = index === 0 ? 3 : 1;
    for (let number = 0; number < rooms; number += 1) {
      const room = await put('room', siteId, {
        buildingId: building,
        floorId: floor,
        number: String(201 + number),
        roomType: 'Divvietīgs',
        sexPolicy: number === 1 ? 'follow' : 'any',
        adapted: number === 2,
        order: number,
      });
      for (const label of ['A', 'B'])
        await put('bed', siteId, { roomId: room, label, bedKind: 'fixed', order: 1 });
    }
    for (let count = index === 0 ? 6 : 2; count > 0; count -= 1) {
      personIds.push(
        await put('person', siteId, {
          familyName: `Paraugs${personIds.length}`,
          givenName: 'Testa',
          sex: random.pick(['F', 'M']),
          personalCode: `3${2 + random.below(8)}9999-${String(10_000 + random.below(89_999))}`,
          birthDate: '1970-01-01',
        }),
      );
    }
  }
  return { siteIds, personIds };
}
