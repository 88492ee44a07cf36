import { newId } from '@sivis/shared/ids/ids.ts';
import type { Role } from '@sivis/shared/access/roles.ts';
import { collectionOf, isKind, type Collection, type Kind } from '@sivis/shared/docs/kinds.ts';
import { diffFields, type Op } from '@sivis/shared/docs/op.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { PushRowResult } from '@sivis/shared/protocol/messages/sync.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import type { Store, StoredDoc } from '../store/store.ts';
import { SERVICE_ACTOR_ID, type ChangeEvent, type SyncActor } from './env.ts';
import { createSyncService, type ReplicateEvent, type SyncService } from './service.ts';

/** A small house with its service in memory, for tests of the sync core. */
export interface House {
  readonly store: Store;
  readonly service: SyncService<SyncActor>;
  readonly siteId: string;
  readonly otherSiteId: string;
  /** Bed ids by label: `201A`, `201B`, `202A` … */
  readonly beds: Readonly<Record<string, string>>;
  readonly changes: ChangeEvent[];
  readonly handedOver: ReplicateEvent[];
  clock: { nowMs: number };
  put(kind: Kind, fields: Fields, id?: string, siteId?: string): Promise<string>;
  doc(id: string): Promise<StoredDoc>;
  stayOf(id: string): Promise<Stay>;
  /** The fields of a new stay of a new person, who stands at the service with the reservation. */
  stayFields(bedId: string | null, from: string, to: string, over?: Fields): Promise<Fields>;
  /** Gives the bed's room to whoever comes first and those of the same sex. */
  follows(bed: string): Promise<void>;
  openTasks(): Promise<Fields[]>;
  desk(role: Role, siteIds?: readonly string[]): TestDesk;
}

export interface TestDesk {
  readonly actor: SyncActor;
  op(kind: string, changes: Op['changes'], extra?: Partial<Op>): Op;
  create(kind: Kind, fields: Fields, extra?: Partial<Op>): TestRow;
  edit(kind: Kind, id: string, before: Fields, after: Fields, extra?: Partial<Op>): TestRow;
  push(...rows: readonly unknown[]): Promise<PushRowResult[]>;
}

export interface TestRow {
  id: string;
  kind: string;
  siteId: string;
  ops: Op[];
}

export const NOW = Date.parse('2026-11-21T08:00:00.000Z');

export async function openHouse(): Promise<House> {
  const store = await openSqliteStore({ file: ':memory:' });
  const changes: ChangeEvent[] = [];
  const handedOver: ReplicateEvent[] = [];
  const clock = { nowMs: NOW };
  const siteId = newId();
  const otherSiteId = newId();
  const beds: Record<string, string> = {};
  const service = createSyncService<SyncActor>({
    store,
    clock: { now: () => clock.nowMs },
    key: Buffer.alloc(32, 1),
    newId,
    recordChange: async (_tx, _actor, event) => {
      changes.push(event);
    },
    recordReplicate: async (_tx, _actor, event) => {
      handedOver.push(event);
    },
  });

  const put = (kind: Kind, fields: Fields, id = newId(), site = siteId): Promise<string> =>
    store.write(async (tx) => {
      await tx.putDoc({ id, kind, siteId: site, rev: 1, fields, stamps: {}, createdBy: SERVICE_ACTOR_ID });
      return id;
    });

  await put('site', { name: 'Dubulti', code: 'DUB', order: 1 }, siteId);
  await put('site', { name: 'Slokas', code: 'SLO', order: 2 }, otherSiteId, otherSiteId);
  const buildingId = await put('building', { name: 'Dubulti 2', code: 'D2', order: 1 });
  const floorId = await put('floor', { buildingId, number: 2, order: 1 });
  for (const number of ['201', '202', '203']) {
    const roomId = await put('room', {
      buildingId,
      floorId,
      number,
      roomType: 'Divvietīgs',
      sexPolicy: 'any',
      adapted: false,
      order: Number(number),
    });
    for (const label of ['A', 'B'])
      beds[`${number}${label}`] = await put('bed', { roomId, label, bedKind: 'fixed', order: 1 });
  }

  const doc = async (id: string): Promise<StoredDoc> => {
    const found = await store.read((tx) => tx.doc(id));
    if (found === undefined) throw new Error('no such document');
    return found;
  };

  return {
    store,
    service,
    siteId,
    otherSiteId,
    beds,
    changes,
    handedOver,
    clock,
    put,
    doc,
    stayOf: async (id) => (await doc(id)).fields as unknown as Stay,
    stayFields: async (bedId, from, to, over = {}) => ({
      reservationId: await put('reservation', { reservationKind: 'state', state: 'confirmed' }),
      personId: await put('person', { familyName: 'Piemērs', givenName: 'Testa' }),
      arriveDate: from,
      departDate: to,
      segments: [{ id: newId(), bedId, from, to }],
      state: 'expected',
      boardPlan: 'full',
      ...over,
    }),
    async follows(bed) {
      const roomId = (await doc(beds[bed] ?? '')).fields['roomId'] as string;
      await put('room', { ...(await doc(roomId)).fields, sexPolicy: 'follow' }, roomId);
    },
    openTasks: async () =>
      (await store.read((tx) => tx.docsOfKind('task')))
        .map(({ fields }) => fields)
        .filter((task) => task['state'] === 'open'),
    desk(role, siteIds = [siteId]) {
      const actor: SyncActor = { subject: { userId: newId(), role, siteIds }, deviceId: newId() };
      const op = (kind: string, opChanges: Op['changes'], extra: Partial<Op> = {}): Op => ({
        opId: newId(),
        kind,
        at: toInstant(clock.nowMs),
        actor: actor.subject.userId,
        device: actor.deviceId,
        changes: opChanges,
        ...extra,
      });
      const home = siteIds[0] ?? siteId;
      return {
        actor,
        op,
        create: (kind, fields, extra = {}) => ({
          id: newId(),
          kind,
          siteId: home,
          ops: [op('create', diffFields({}, fields), extra)],
        }),
        edit: (kind, id, before, after, extra = {}) => ({
          id,
          kind,
          siteId: home,
          ops: [op(extra.kind ?? 'edit', diffFields(before, after), extra)],
        }),
        push: async (...rows) => (await service.push(actor, collectionFor(rows), rows)).rows,
      };
    },
  };
}

export const today = (house: House): string => rigaDate(house.clock.nowMs);

/** A stay of a new person in a bed, already at the service, with its nights. */
export async function guest(
  house: House,
  bedId: string | null,
  from: string,
  to: string,
  extra: Fields = {},
  person: Fields = {},
): Promise<{ stayId: string; personId: string; fields: Fields }> {
  const desk = house.desk('dutyManager');
  const personId = await house.put('person', { familyName: 'Paraugs', givenName: 'Testa', ...person });
  const reservationId = await house.put('reservation', { reservationKind: 'state', state: 'confirmed' });
  const fields: Fields = {
    reservationId,
    personId,
    arriveDate: from,
    departDate: to,
    segments: [{ id: newId(), bedId, from, to }],
    state: 'expected',
    boardPlan: 'full',
    ...extra,
  };
  const row = desk.create('stay', { ...fields, state: 'expected' });
  const [answer] = await desk.push(row);
  if (answer?.outcome !== 'accepted') throw new Error(`guest not taken: ${JSON.stringify(answer?.ops)}`);
  const stayId = row.id;
  if (fields['state'] !== 'expected') {
    await house.store.write(async (tx) => {
      const doc = await tx.doc(stayId);
      if (doc !== undefined)
        await tx.putDoc({
          ...doc,
          rev: doc.rev + 1,
          fields: { ...doc.fields, state: fields['state'] ?? null },
        });
    });
  }
  return { stayId, personId, fields: (await house.doc(stayId)).fields };
}

/** The collection through whose door the rows go: that of the first row with a kind that exists. */
function collectionFor(rows: readonly unknown[]): Collection {
  for (const row of rows) {
    const kind = (row as { kind?: unknown } | null)?.kind;
    if (typeof kind === 'string' && isKind(kind)) return collectionOf(kind);
  }
  return 'lodging';
}
