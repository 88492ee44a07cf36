import type { Desk, DeskDoc } from '../../data/desk/desk.ts';

/** A bed with the places around it. */
export interface BedPlace {
  readonly bed: DeskDoc<'bed'>;
  readonly room: DeskDoc<'room'>;
  readonly floor: DeskDoc<'floor'> | undefined;
  readonly building: DeskDoc<'building'> | undefined;
}

/** Where the bed stands; `undefined` when the desk does not know it. */
export function placeOfBed(desk: Desk, bedId: string | null | undefined): BedPlace | undefined {
  const bed = typeof bedId === 'string' ? desk.get('bed', bedId) : undefined;
  const room = bed === undefined ? undefined : desk.get('room', bed.fields.roomId);
  if (bed === undefined || room === undefined) return undefined;
  return {
    bed,
    room,
    floor: desk.get('floor', room.fields.floorId),
    building: desk.get('building', room.fields.buildingId),
  };
}

/** `214 B`; a room with one bed is named by its number alone. */
export function bedName(desk: Desk, bedId: string | null | undefined): string | undefined {
  const place = placeOfBed(desk, bedId);
  if (place === undefined) return undefined;
  const alone = desk.bedsOfRoom(place.room.id).length === 1;
  return alone ? place.room.fields.number : `${place.room.fields.number} ${place.bed.fields.label}`;
}

const order = (place: BedPlace): readonly number[] => [
  place.building?.fields.order ?? 0,
  place.floor?.fields.order ?? 0,
  place.room.fields.order,
  place.bed.fields.order,
];

/** Every bed of the sites, in the order of the house: building, floor, room, bed. */
export function allBeds(desk: Desk, siteIds: readonly string[]): BedPlace[] {
  const places: BedPlace[] = [];
  for (const bed of desk.all('bed').values()) {
    if (!siteIds.includes(bed.siteId)) continue;
    const place = placeOfBed(desk, bed.id);
    if (place !== undefined) places.push(place);
  }
  const keys = new Map(places.map((place) => [place, order(place)]));
  return places.sort((a, b) => {
    const [x, y] = [keys.get(a) ?? [], keys.get(b) ?? []];
    for (let i = 0; i < x.length; i += 1) if (x[i] !== y[i]) return (x[i] ?? 0) - (y[i] ?? 0);
    return a.room.fields.number.localeCompare(b.room.fields.number, 'lv', { numeric: true });
  });
}

/** The beds with those nearest to `bedId` first: what a refusal proposes instead. */
export function nearestFirst(places: readonly BedPlace[], bedId: string | null): BedPlace[] {
  const at = places.findIndex((place) => place.bed.id === bedId);
  if (at === -1) return [...places];
  return places
    .map((place, index) => ({ place, distance: Math.abs(index - at) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ place }) => place);
}
