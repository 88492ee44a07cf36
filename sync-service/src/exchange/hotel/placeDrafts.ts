import { fold } from '@sivis/shared/text/fold.ts';
import type { ImportDraft } from '../draft.ts';
import { hotelIds } from './ids.ts';
import { bedLetter } from './reservations.ts';
import type { LegacyRoom } from './rooms.ts';

/** The site of a building: `Dubulti-2` stands in Dubulti; a name without a number is its own site. */
export function siteName(building: string): string {
  return building.replace(/\s*-\s*\d+$/, '') || building;
}

const code = (name: string, longest: number): string =>
  fold(name).replaceAll(' ', '-').toUpperCase().slice(0, longest);

/** Sites, buildings, floors, rooms and beds, each before what refers to it. */
export function* placeDrafts(rooms: readonly LegacyRoom[]): Generator<ImportDraft> {
  const made = new Set<string>();
  const isNew = (id: string): boolean => !made.has(id) && made.add(id).has(id);
  for (const [index, room] of rooms.entries()) {
    const site = siteName(room.building);
    const siteId = hotelIds.site(site);
    const buildingId = hotelIds.building(room.building);
    const floorId = hotelIds.floor(room.building, room.floor);
    const roomId = hotelIds.room(room.number);
    if (isNew(siteId)) {
      yield {
        id: siteId,
        kind: 'site',
        siteId,
        fields: { name: site, code: code(site, 20), order: made.size },
      };
    }
    if (isNew(buildingId)) {
      const fields = { name: room.building, code: code(room.building, 40), order: made.size };
      yield { id: buildingId, kind: 'building', siteId, fields };
    }
    if (isNew(floorId)) {
      yield {
        id: floorId,
        kind: 'floor',
        siteId,
        fields: { buildingId, number: room.floor, order: room.floor + 5 },
      };
    }
    yield {
      id: roomId,
      kind: 'room',
      siteId,
      fields: {
        buildingId,
        floorId,
        number: room.number,
        roomType: room.roomType,
        sexPolicy: 'any',
        adapted: room.adapted,
        ...(room.note === '' ? {} : { note: room.note }),
        order: index,
      },
    };
    for (let bed = 0; bed < room.beds; bed += 1) {
      const label = bedLetter(bed);
      const fields = { roomId, label, bedKind: 'fixed', order: bed };
      yield { id: hotelIds.bed(room.number, label), kind: 'bed', siteId, fields };
    }
  }
}
