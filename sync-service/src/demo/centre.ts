import type { Role } from '@sivis/shared/access/roles.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import { nightsOf, type BedNightClaim } from '@sivis/shared/lodging/nights.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { addDays, toEpochDay, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import { staffDoc } from '../identity/staff.ts';
import type { NewDoc } from '../store/store.ts';
import { DEMO_ACTOR_ID, type DemoDoc } from './doc.ts';
import { createIds } from './ids.ts';
import { createPeople, type DemoPerson } from './people.ts';
import { demoPlaces, type DemoRoom } from './places.ts';
import { planCentre, type Plan, type PlannedStay } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import { CENTRE_SIZES, type CentreSize, type CentreSizeName } from './sizes.ts';
import { STAFF } from './staff.ts';
import { stayDocs, type StayContext, type StayIds } from './stayDocs.ts';

export interface DemoUser {
  readonly id: string;
  readonly user: string;
  readonly name: string;
  readonly role: Role;
  readonly siteIds: readonly string[];
}

export interface HeldNights {
  /** A stay or a block. */
  readonly holderId: string;
  readonly nights: readonly BedNightClaim[];
}

export interface Centre {
  readonly siteId: string;
  readonly docs: readonly NewDoc[];
  readonly users: readonly DemoUser[];
  readonly nights: readonly HeldNights[];
}

const isHere = (stay: PlannedStay): boolean => stay.unused === undefined && stay.from < 0 && stay.to >= 0;

/** The places in the plan of stays that the condition holds for, in an order of the seed. */
function places(random: Random, plan: Plan, holds: (stay: PlannedStay) => boolean): number[] {
  return random.shuffled(plan.stays.flatMap((stay, place) => (holds(stay) ? [place] : [])));
}

/** Stays that lost their bed to another one: who holds it, and which beds are free instead. */
interface Bedless {
  readonly stay: PlannedStay;
  readonly winner: number;
}

function planBedless(random: Random, plan: Plan, people: readonly DemoPerson[], count: number): Bedless[] {
  const guests = people.slice(-count);
  const winners = places(
    random,
    plan,
    (stay) =>
      stay.unused === undefined &&
      stay.kind === 'state' &&
      stay.from >= 0 &&
      stay.from < 12 &&
      stay.partner === undefined,
  );
  return guests.flatMap((person, index) => {
    const winner = winners[index];
    const other = winner === undefined ? undefined : plan.stays[winner];
    if (winner === undefined || other === undefined) return [];
    const segments = other.segments
      .map((segment) => ({ ...segment, from: other.from, to: other.to }))
      .slice(0, 1);
    return [{ winner, stay: { person, kind: 'state', from: other.from, to: other.to, segments } }];
  });
}

function freeBeds(plan: Plan, rooms: readonly DemoRoom[], from: number, to: number): string[] {
  const free: string[] = [];
  for (const [index, room] of rooms.entries()) {
    for (const [bed, { id }] of room.beds.entries()) {
      // An empty room suits anybody.
      if (
        !room.adapted &&
        room.sexPolicy === 'any' &&
        room.beds.every((_, at) => plan.isFree(index, at, from, to)) &&
        bed === 0
      ) {
        free.push(id);
      }
      if (free.length === 3) return free;
    }
  }
  return free;
}

function blockDocs(
  plan: Plan,
  rooms: readonly DemoRoom[],
  today: PlainDate,
  newId: () => string,
): { docs: DemoDoc[]; nights: HeldNights[] } {
  const docs: DemoDoc[] = [];
  const nights: HeldNights[] = [];
  for (const block of plan.blocks) {
    const room = rooms[block.room];
    if (room === undefined) continue;
    const id = newId();
    const bed = block.bed === undefined ? undefined : room.beds[block.bed];
    docs.push({
      id,
      kind: 'block',
      fields: {
        scope: bed === undefined ? 'room' : 'bed',
        targetId: bed?.id ?? room.id,
        blockKind: block.kind,
        from: addDays(today, block.from),
        to: addDays(today, block.to),
        reason: block.reason,
        state: 'active',
      },
    });
    const first = toEpochDay(today) + block.from;
    const claims = (bed === undefined ? room.beds : [bed]).flatMap(({ id: bedId }) =>
      Array.from({ length: block.to - block.from }, (_, night) => ({ bedId, night: first + night })),
    );
    nights.push({ holderId: id, nights: claims });
  }
  return { docs, nights };
}

function manualTasks(today: PlainDate, newId: () => string): DemoDoc[] {
  const task = (ownerRole: Role, title: string, day: number): DemoDoc => ({
    id: newId(),
    kind: 'task',
    fields: {
      taskKind: 'manual',
      state: 'open',
      ownerRole,
      title,
      dueAt: `${addDays(today, day)}T14:00:00.000Z`,
    },
  });
  return [
    task('reception', 'Sagatavot caurlaides rītdienas ierašanām', 0),
    task('dutyManager', 'Apstiprināt brīvo gultu sarakstu nākamajai nedēļai', 1),
    task('specialist', 'Saskaņot nodarbību telpas', 2),
    task('catering', 'Pārskatīt diētu kodus rītdienai', 0),
  ];
}

/** A second record of somebody who is there already, spelt otherwise and without a code: for the duplicate task. */
function twinOf(person: DemoPerson, newId: () => string): DemoDoc {
  return {
    id: newId(),
    kind: 'person',
    fields: {
      familyName: person.familyName.normalize('NFD').replace(/\p{M}/gu, ''),
      givenName: person.givenName,
      birthDate: person.fields['birthDate'] ?? null,
      sex: person.sex,
      flags: ['possibleDuplicate', 'noPersonalCode'],
    },
  };
}

function personDoc(person: DemoPerson): DemoDoc {
  const { familyName, givenName } = person;
  return { id: person.id, kind: 'person', fields: { familyName, givenName, ...person.fields } };
}

/**
 * An invented centre around `today`: its places, three years of stays, what is planned, and its staff. Pure: the same
 * seed and day give the same documents, and another day gives the same ones moved by whole days, so that a centre can
 * be rolled forward document by document. No rule is broken: no bed is held twice, segments have no gaps, rooms have
 * one sex at a time but for companions and couples.
 */
export function generateCentre(seed: number, today: PlainDate, sizeName: CentreSizeName): Centre {
  const size: CentreSize = CENTRE_SIZES[sizeName];
  const random = createRandom(seed);
  const newId = createIds(createRandom(seed + 1));
  const { siteId, rooms, docs: placeDocs } = demoPlaces(random, newId, size);
  const users: DemoUser[] = STAFF.map((member) => ({ ...member, id: newId(), siteIds: [siteId] }));
  const withRole = (role: Role): string[] =>
    users.filter((user) => user.role === role).map((user) => user.id);

  const source = createPeople(random, newId);
  const plan = planCentre(random, source, rooms, size);
  const waiting = Array.from({ length: size.bedless }, () => source.next(random.chance(0.5) ? 'F' : 'M'));
  const bedless = planBedless(random, plan, waiting, size.bedless);
  const people = [...plan.people, ...waiting];

  const docs: DemoDoc[] = [...placeDocs];
  const nights: HeldNights[] = [];
  for (const person of people) docs.push(...person.contacts, personDoc(person));

  const specialists = withRole('specialist');
  const clients = new Map<number, string[]>();
  const here = places(
    random,
    plan,
    (stay) => isHere(stay) && stay.kind !== 'guest' && stay.kind !== 'companion',
  );
  for (const [index, specialist] of specialists.entries()) {
    const own = here.slice(index * size.clientsPerSpecialist, (index + 1) * size.clientsPerSpecialist);
    for (const place of own) clients.set(place, [specialist]);
  }
  const onLeave = new Set(
    places(random, plan, (stay) => isHere(stay) && stay.kind === 'state' && stay.to > 2).slice(
      0,
      size.onLeave,
    ),
  );

  const context: StayContext = { random, newId, today, rooms, receptionIds: withRole('reception') };
  const bedsOfRoom = new Map(
    rooms.flatMap(({ beds }) => beds.map(({ id }) => [id, beds.map((bed) => bed.id)] as const)),
  );
  const stayIds = plan.stays.map(() => ({ reservationId: newId(), stayId: newId() }));
  const addStay = (stay: PlannedStay, ids: StayIds): void => {
    const [reservation, doc] = stayDocs(context, stay, ids);
    docs.push(reservation, doc);
    const claims = nightsOf(doc.fields as unknown as Stay, (bedId) => bedsOfRoom.get(bedId) ?? [bedId]);
    if (claims.length > 0) nights.push({ holderId: doc.id, nights: claims });
  };
  for (const [place, stay] of plan.stays.entries()) {
    const ids = stayIds[place];
    if (ids === undefined) continue;
    const client = stay.companionOf === undefined ? undefined : stayIds[stay.companionOf]?.stayId;
    const partner = stay.partner === undefined ? undefined : plan.stays[stay.partner]?.person.id;
    const specialistIds = clients.get(place);
    addStay(stay, {
      ...ids,
      ...(client === undefined ? {} : { companionOf: client }),
      ...(partner === undefined ? {} : { mustShareWith: [partner] }),
      ...(specialistIds === undefined ? {} : { specialistIds }),
      onLeave: onLeave.has(place),
    });
  }
  for (const { stay, winner } of bedless) {
    const ids = { reservationId: newId(), stayId: newId(), bedless: true };
    addStay(stay, ids);
    const other = plan.stays[winner];
    const bed = other?.segments[0];
    if (other === undefined || bed === undefined) continue;
    const bedId = rooms[bed.room]?.beds[bed.bed]?.id;
    docs.push({
      id: newId(),
      kind: 'task',
      fields: {
        taskKind: 'bedClash',
        state: 'open',
        ownerRole: 'reception',
        stayIds: [ids.stayId, stayIds[winner]?.stayId ?? ''],
        personIds: [stay.person.id, other.person.id],
        ...(bedId === undefined ? {} : { bedId }),
        from: addDays(today, stay.from),
        to: addDays(today, stay.to),
        dueAt: `${addDays(today, stay.from)}T08:00:00.000Z`,
        proposedBedIds: freeBeds(plan, rooms, stay.from, stay.to),
      },
    });
  }
  const blocks = blockDocs(plan, rooms, today, newId);
  docs.push(...blocks.docs, ...manualTasks(today, newId));
  nights.push(...blocks.nights);
  for (const place of here.slice(-2)) {
    const person = plan.stays[place]?.person;
    if (person === undefined) continue;
    const twin = twinOf(person, newId);
    docs.push(twin, {
      id: newId(),
      kind: 'task',
      fields: {
        taskKind: 'duplicateCandidate',
        state: 'open',
        ownerRole: 'reception',
        personIds: [twin.id, person.id],
      },
    });
  }
  const staff = users.map((user) => staffDoc(user, `${addDays(today, -1)}T06:00:00.000Z`));
  return { siteId, users, nights, docs: [...docs.map((doc) => newDoc(doc, siteId)), ...staff] };
}

// A field without a stamp is as its document was created.
const newDoc = ({ id, kind, fields }: DemoDoc, siteId: string): NewDoc => ({
  id,
  kind,
  siteId,
  rev: 1,
  fields: fields satisfies Fields,
  stamps: {},
  createdBy: DEMO_ACTOR_ID,
});
