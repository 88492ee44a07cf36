import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import type { Known, World } from '@sivis/shared/rules/world.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { overlaps } from '@sivis/shared/lodging/nights.ts';
import { toEpochDay, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { StoredDoc, WriteTx } from '../store/store.ts';

/** A document that a unit of operations has changed but not yet written. */
export interface Staged {
  readonly id: string;
  readonly kind: Kind;
  readonly siteId: string;
  readonly before: StoredDoc | undefined;
  readonly fields: Fields;
  /** Beds of rooms that somebody of the other sex took meanwhile; the stay is staged without them. */
  readonly outrunIn?: readonly string[];
}

/** A document as the unit at hand leaves it, and as it is stored. */
export interface Found {
  readonly kind: Kind;
  readonly siteId: string;
  readonly fields: Fields;
  readonly stored: StoredDoc | undefined;
}

/**
 * The documents of one push: read through to the store, with the changes of the unit at hand on top. A unit that
 * fails is forgotten, one that stands is written and becomes what the next unit reads.
 */
export interface Workspace {
  get(id: string): Promise<Found | undefined>;
  stage(change: Staged): void;
  staged(): readonly Staged[];
  forget(): void;
  world(
    doc: { readonly kind: Kind; readonly id: string },
    before: Fields | undefined,
    after: Fields,
    judged: { readonly touched: ReadonlySet<string>; readonly today: PlainDate },
  ): Promise<World>;
}

const BED_FIELDS = ['segments', 'arriveDate', 'departDate', 'personId', 'state', 'companionOf'];

export function createWorkspace(tx: WriteTx, siteIds: readonly string[]): Workspace {
  let changes = new Map<string, Staged>();
  // Rooms and beds hardly ever change; within one push they are read once.
  const places = new Map<string, Fields | undefined>();
  const roomBeds = new Map<string, readonly Known[]>();

  async function fieldsOf(id: string): Promise<Fields | undefined> {
    return changes.get(id)?.fields ?? (await tx.doc(id))?.fields;
  }

  async function place(id: string): Promise<Fields | undefined> {
    if (!places.has(id)) places.set(id, await fieldsOf(id));
    return places.get(id);
  }

  async function bedsOf(roomId: string): Promise<readonly Known[]> {
    const known = roomBeds.get(roomId);
    if (known !== undefined) return known;
    const beds = (await tx.childrenOf(roomId, 'bed')).map(({ id, fields }) => ({ id, fields }));
    roomBeds.set(roomId, beds);
    for (const bed of beds) places.set(bed.id, bed.fields);
    return beds;
  }

  /** Known stays with staged changes in place of what is stored. */
  function withStaged(stored: readonly StoredDoc[], belongs: (stay: Stay) => boolean): Known[] {
    const stays = new Map<string, Known>();
    // Another site's stay of a person stands in the way, but its days are not this actor's to know.
    for (const { id, fields, siteId } of stored)
      stays.set(id, { id, fields, hidden: !siteIds.includes(siteId) });
    for (const { id, kind, fields } of changes.values()) if (kind === 'stay') stays.set(id, { id, fields });
    return [...stays.values()].filter((entry) => belongs(entry.fields as unknown as Stay));
  }

  return {
    async get(id) {
      const change = changes.get(id);
      const stored = await tx.doc(id);
      if (change !== undefined)
        return { kind: change.kind, siteId: change.siteId, fields: change.fields, stored };
      return stored && { kind: stored.kind, siteId: stored.siteId, fields: stored.fields, stored };
    },

    stage(change) {
      const earlier = changes.get(change.id);
      changes.set(change.id, earlier === undefined ? change : { ...change, before: earlier.before });
      if (change.kind !== 'stay') {
        places.delete(change.id);
        roomBeds.clear();
      }
    },

    staged: () => [...changes.values()],

    forget() {
      changes = new Map();
      places.clear();
      roomBeds.clear();
    },

    async world({ kind, id }, before, after, { touched, today }) {
      const known = new Map<string, Fields | undefined>();
      const personStays = new Map<string, readonly Known[]>();
      const roomStays = new Map<string, readonly Known[]>();
      const bedsByRoom = new Map<string, readonly Known[]>();
      if (kind === 'stay' && BED_FIELDS.some((field) => touched.has(field))) {
        const stay = after as unknown as Stay;
        known.set(stay.personId, await fieldsOf(stay.personId));
        if (stay.companionOf !== undefined) known.set(stay.companionOf, await fieldsOf(stay.companionOf));
        personStays.set(
          stay.personId,
          withStaged(await tx.staysOfPerson(stay.personId), (other) => other.personId === stay.personId),
        );
        const bedIds = new Set(
          [stay, before as unknown as Stay | undefined]
            .flatMap((version) => version?.segments ?? [])
            .flatMap((segment) => (segment.bedId === null ? [] : [segment.bedId])),
        );
        for (const bedId of bedIds) {
          const roomId = (await place(bedId))?.['roomId'];
          if (typeof roomId !== 'string' || roomStays.has(roomId)) continue;
          known.set(roomId, await place(roomId));
          const beds = await bedsOf(roomId);
          bedsByRoom.set(roomId, beds);
          for (const bed of beds) known.set(bed.id, bed.fields);
          const held = await tx.nightsHeld(
            beds.map((bed) => bed.id),
            toEpochDay(stay.arriveDate),
            toEpochDay(stay.departDate),
          );
          const holders = await tx.docs([...new Set(held.map((night) => night.holderId))]);
          const inRoom = new Set(beds.map((bed) => bed.id));
          const stays = withStaged(
            holders.filter((doc) => doc.kind === 'stay'),
            (other) => other.segments.some((segment) => segment.bedId !== null && inRoom.has(segment.bedId)),
          );
          roomStays.set(roomId, stays);
          const room = known.get(roomId);
          if (room?.['sexPolicy'] === 'follow') {
            for (const other of stays) {
              const personId = (other.fields as unknown as Stay).personId;
              if (!known.has(personId)) known.set(personId, await fieldsOf(personId));
            }
          }
        }
      }
      known.set(id, before);
      return {
        today,
        get: (_kind, wanted) => known.get(wanted),
        staysOfPerson: (personId) => personStays.get(personId) ?? [],
        staysInRoom: (roomId, from, to) => {
          const beds = new Set((bedsByRoom.get(roomId) ?? []).map((bed) => bed.id));
          return (roomStays.get(roomId) ?? []).filter((entry) =>
            (entry.fields as unknown as Stay).segments.some(
              (segment) =>
                segment.bedId !== null &&
                beds.has(segment.bedId) &&
                overlaps(segment.from, segment.to, from, to),
            ),
          );
        },
        bedsOfRoom: (roomId) => bedsByRoom.get(roomId) ?? [],
        // Blocks hold nights in the database, which answers for them when the nights are claimed.
        blocksOf: () => [],
      };
    },
  };
}
