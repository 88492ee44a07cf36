import { KIND_NAMES, COLLECTIONS, type FieldsOf, type Kind } from '@sivis/shared/docs/kinds.ts';
import type { LocalDoc } from '../core/localDoc.ts';
import { viewOf } from '../core/localDoc.ts';
import type { DocStore } from '../db/docStore.ts';
import { emitter, type Signal } from '../live.ts';
import { deskIndex, type DeskIndex } from './deskIndex.ts';
import { batched, nextFrame, type Schedule } from './frame.ts';

/** A document as screens read it: the service's fields with the user's own unanswered changes on top. */
export interface DeskDoc<K extends Kind = Kind> {
  readonly id: string;
  readonly kind: K;
  readonly siteId: string;
  /** The service's revision; 0 for a document that it does not have yet. */
  readonly rev: number;
  readonly fields: FieldsOf<K>;
  /** Own changes for which the service has not answered, the oldest first; `null` when there are none. */
  readonly pending: readonly PendingOp[] | null;
}

/** What a change that waits is about: its operation's kind, the fields that it sets, and when it was made (UTC). */
export interface PendingOp {
  readonly kind: string;
  readonly fields: readonly string[];
  readonly at: string;
}

function pendingOf({ ops }: Pick<LocalDoc, 'ops'>): readonly PendingOp[] | null {
  if (ops.length === 0) return null;
  return ops.map(({ kind, at, changes }) => ({ kind, at, fields: Object.keys(changes) }));
}

/** What changed since the last notice. */
export interface DeskChange {
  readonly kinds: ReadonlySet<Kind>;
  readonly ids: ReadonlySet<string>;
}

/**
 * Everything this desk holds, in memory, by kind and by what screens look it up with. Documents are replaced, never
 * mutated: the same object means the same content. All lookups are synchronous.
 */
export interface Desk {
  get<K extends Kind>(kind: K, id: string): DeskDoc<K> | undefined;
  all<K extends Kind>(kind: K): ReadonlyMap<string, DeskDoc<K>>;
  staysOfPerson(personId: string): readonly DeskDoc<'stay'>[];
  /** Stays with a segment in the bed, in any state. */
  staysOfBed(bedId: string): readonly DeskDoc<'stay'>[];
  staysOfReservation(reservationId: string): readonly DeskDoc<'stay'>[];
  contactsOfPerson(personId: string): readonly DeskDoc<'contact'>[];
  bedsOfRoom(roomId: string): readonly DeskDoc<'bed'>[];
  roomsOfFloor(floorId: string): readonly DeskDoc<'room'>[];
  roomsOfBuilding(buildingId: string): readonly DeskDoc<'room'>[];
  floorsOfBuilding(buildingId: string): readonly DeskDoc<'floor'>[];
  /** Blocks of a bed or a room, in any state. */
  blocksOfTarget(targetId: string): readonly DeskDoc<'block'>[];
  /** Tells what changed, at most once per frame. */
  readonly changed: Signal<DeskChange>;
  /** Counts the notices; screens depend on it. */
  readonly version: () => number;
  /** Tells now what is not told yet: who says "all is here" must not be ahead of the screens. */
  tell(): void;
  /** Ends the projection and forgets what is in it. */
  close(): void;
}

/** Builds the projection over a document store and keeps it by the store's changes. */
export function createDesk(store: Pick<DocStore, 'all' | 'changes'>, schedule: Schedule = nextFrame): Desk {
  const maps = Object.fromEntries(KIND_NAMES.map((kind) => [kind, new Map<string, DeskDoc>()])) as Record<
    Kind,
    Map<string, DeskDoc>
  >;
  const stayByPerson = deskIndex<DeskDoc<'stay'>>((doc) => [doc.fields.personId]);
  const stayByBed = deskIndex<DeskDoc<'stay'>>((doc) =>
    // A role that sees no beds has no segments either.
    ((doc.fields.segments as typeof doc.fields.segments | undefined) ?? []).flatMap(
      (segment) => segment.bedId ?? [],
    ),
  );
  const stayByReservation = deskIndex<DeskDoc<'stay'>>((doc) => [doc.fields.reservationId]);
  const contactByPerson = deskIndex<DeskDoc<'contact'>>((doc) => [doc.fields.personId]);
  const bedByRoom = deskIndex<DeskDoc<'bed'>>((doc) => [doc.fields.roomId]);
  const roomByFloor = deskIndex<DeskDoc<'room'>>((doc) => [doc.fields.floorId]);
  const roomByBuilding = deskIndex<DeskDoc<'room'>>((doc) => [doc.fields.buildingId]);
  const floorByBuilding = deskIndex<DeskDoc<'floor'>>((doc) => [doc.fields.buildingId]);
  const blockByTarget = deskIndex<DeskDoc<'block'>>((doc) => [doc.fields.targetId]);
  const indexes = {
    stay: [stayByPerson, stayByBed, stayByReservation],
    contact: [contactByPerson],
    bed: [bedByRoom],
    room: [roomByFloor, roomByBuilding],
    floor: [floorByBuilding],
    block: [blockByTarget],
  } as unknown as Readonly<Partial<Record<Kind, readonly DeskIndex<DeskDoc>[]>>>;

  const changed = emitter<DeskChange>();
  let version = 0;
  let kinds = new Set<Kind>();
  let ids = new Set<string>();
  function tell(): void {
    if (ids.size === 0) return;
    const change: DeskChange = { kinds, ids };
    kinds = new Set();
    ids = new Set();
    version += 1;
    changed.emit(change);
  }
  const notify = batched(schedule, tell);

  function take(doc: LocalDoc): void {
    const { id, kind } = doc;
    if (doc.deleted) {
      maps[kind].delete(id);
      for (const index of indexes[kind] ?? []) index.remove(id);
    } else {
      const shown = {
        id,
        kind,
        siteId: doc.siteId,
        rev: doc.rev,
        fields: viewOf(doc),
        pending: pendingOf(doc),
      } as unknown as DeskDoc;
      maps[kind].set(id, shown);
      for (const index of indexes[kind] ?? []) index.put(shown);
    }
    kinds.add(kind);
    ids.add(id);
  }

  for (const collection of COLLECTIONS) for (const doc of store.all(collection)) take(doc);
  const end = store.changes.on(({ docs }) => {
    for (const doc of docs) take(doc);
    notify();
  });

  return {
    get: <K extends Kind>(kind: K, id: string) => maps[kind].get(id) as DeskDoc<K> | undefined,
    all: <K extends Kind>(kind: K) => maps[kind] as unknown as ReadonlyMap<string, DeskDoc<K>>,
    staysOfPerson: stayByPerson.of,
    staysOfBed: stayByBed.of,
    staysOfReservation: stayByReservation.of,
    contactsOfPerson: contactByPerson.of,
    bedsOfRoom: bedByRoom.of,
    roomsOfFloor: roomByFloor.of,
    roomsOfBuilding: roomByBuilding.of,
    floorsOfBuilding: floorByBuilding.of,
    blocksOfTarget: blockByTarget.of,
    changed,
    version: () => version,
    tell,
    close() {
      end();
      for (const map of Object.values(maps)) map.clear();
      for (const index of Object.values(indexes).flat()) index.clear();
    },
  };
}
