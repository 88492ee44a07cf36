import { can, type Answer, type Subject, type Target } from '@sivis/shared/access/can.ts';
import { REPLICA_WINDOW, rightsRow, type Verb } from '@sivis/shared/access/rights.ts';
import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import { KINDS, type Kind } from '@sivis/shared/docs/kinds.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { addDays, type PlainDate } from '@sivis/shared/time/plainDate.ts';

/**
 * A house of documents in which every field of every kind carries a value of its own, and the rights as the table says
 * them, asked by `can()` in plain code: what the matrix expects of the running service.
 */

export interface WorldDoc {
  readonly id: string;
  readonly kind: Kind;
  readonly siteId: string;
  readonly createdBy: string;
  /** What is special about it: `own`, `otherSite`, `past` … */
  readonly variant: string;
  readonly fields: Fields;
}

export interface Staff {
  readonly me: Subject;
  /** A colleague whose clients and tasks are not mine. */
  readonly other: string;
  readonly site: string;
  readonly otherSite: string;
}

const LETTERS = 'bcdfghjklm';
const spell = (number: number, letters: number): string =>
  [...String(number).padStart(letters, '0')].map((digit) => LETTERS[Number(digit)] ?? '').join('');

let count = 0;
/** A value that stands nowhere else; its first two letters are in no token and no id. */
function canary(): string {
  count += 1;
  return `Ķž${spell(count, 5)}`;
}
let labels = 0;
/** The same for the label of a bed, which has four letters at most. */
function label(): string {
  labels += 1;
  return `Ņ${spell(labels, 3)}`;
}
let codes = 0;
/** A personas kods of the nineteenth century that stands nowhere else. */
function code(): string {
  codes += 1;
  return `010177-0${String(codes).padStart(4, '0')}`;
}
/** An instant that stands nowhere else. */
function instant(): string {
  count += 1;
  return new Date(Date.UTC(2031, 0, 1) + count).toISOString();
}

/** Parts of a field's value by which a leak is found in a reply. */
export function canariesIn(value: Json): string[] {
  if (typeof value === 'string') return /^(Ķž|Ņ|010177-0|2031-)/.test(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((part: Json) => canariesIn(part));
}

/** What fields of a kind refer to, and the days of stays and blocks. */
interface Ties {
  readonly personId?: string;
  readonly reservationId?: string;
  readonly bedId?: string | null;
  readonly parents?: Fields;
  readonly from?: PlainDate;
  readonly to?: PlainDate;
  readonly specialists?: readonly string[];
  readonly ownerRole?: string;
  readonly ownerId?: string;
  readonly state?: string;
  readonly staffSites?: readonly string[];
}

/** Every field of the kind, each with a value of its own where its type allows. */
export function fullFields(kind: Kind, ties: Ties = {}): Fields {
  const from = ties.from ?? '2026-11-01';
  const to = ties.to ?? '2026-11-08';
  const parents = ties.parents ?? {};
  switch (kind) {
    case 'person':
      return {
        familyName: canary(),
        givenName: canary(),
        formerNames: [{ familyName: canary(), givenName: canary() }],
        personalCode: code(),
        previousPersonalCodes: [code()],
        documentNumber: canary(),
        birthDate: '1877-01-01',
        sex: 'F',
        country: canary(),
        alerts: ['latex'],
        aliases: [{ source: canary(), key: canary() }],
        flags: ['possibleDuplicate'],
        provisional: true,
      };
    case 'contact':
      return {
        personId: ties.personId ?? newId(),
        contactKind: 'trusted',
        value: canary(),
        preferred: true,
        label: canary(),
      };
    case 'reservation':
      return {
        reservationKind: 'state',
        state: 'confirmed',
        service: canary(),
        pricePerNight: 1000 + count,
        holdUntil: instant(),
        cancelReason: canary(),
        note: canary(),
        legacyNumber: canary(),
      };
    case 'stay':
      return {
        reservationId: ties.reservationId ?? newId(),
        personId: ties.personId ?? newId(),
        arriveDate: from,
        arriveMeal: 'dinner',
        arriveTime: '14:30',
        departDate: to,
        departMeal: 'lunch',
        segments: [{ id: newId(), bedId: ties.bedId ?? null, from, to, reason: canary() }],
        state: ties.state ?? 'expected',
        unconfirmed: false,
        boardPlan: 'full',
        dietCode: canary(),
        service: canary(),
        mustShareWith: [newId()],
        checkin: { form027u: { doneAt: instant(), by: newId(), detail: canary() } },
        checkedInAt: instant(),
        checkedOutAt: instant(),
        checkout: { keyReturned: true, belongings: false, note: canary() },
        endReason: canary(),
        specialistIds: [...(ties.specialists ?? []), newId()],
        flags: ['imported'],
        note: canary(),
      };
    case 'block':
      return {
        scope: 'bed',
        targetId: ties.bedId ?? newId(),
        blockKind: 'hold',
        from,
        to,
        reason: canary(),
        state: 'active',
      };
    case 'task':
      return {
        taskKind: 'manual',
        state: 'open',
        ownerRole: ties.ownerRole ?? 'reception',
        ...(ties.ownerId === undefined ? {} : { ownerId: ties.ownerId }),
        dueAt: instant(),
        stayIds: [newId()],
        personIds: [newId()],
        blockId: newId(),
        bedId: newId(),
        from,
        to,
        proposedBedIds: [newId()],
        title: canary(),
        text: canary(),
        resolution: canary(),
      };
    case 'site':
    case 'building':
      return { name: canary(), code: canary(), order: count };
    case 'floor':
      return { buildingId: newId(), number: 2, order: count, ...parents };
    case 'room':
      return {
        buildingId: newId(),
        floorId: newId(),
        number: canary(),
        roomType: canary(),
        sexPolicy: 'any',
        adapted: true,
        stepFree: true,
        features: [canary()],
        note: canary(),
        order: count,
        ...parents,
      };
    case 'bed':
      return { roomId: newId(), label: label(), bedKind: 'fixed', order: count, ...parents };
    case 'staff':
      return {
        name: canary(),
        role: 'reception',
        active: true,
        siteIds: [...(ties.staffSites ?? [newId()])],
      };
  }
}

/** Fields on which it depends who may see what, or that only a whole command may change. */
const TIED: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  contact: ['personId'],
  stay: [
    'reservationId',
    'personId',
    'companionOf',
    'arriveDate',
    'departDate',
    'segments',
    'state',
    'specialistIds',
  ],
  block: ['scope', 'targetId', 'from', 'to', 'state'],
  task: ['ownerRole', 'ownerId'],
  floor: ['buildingId'],
  room: ['buildingId', 'floorId'],
  bed: ['roomId'],
  staff: ['siteIds'],
};

export const isTied = (kind: Kind, field: string): boolean => TIED[kind]?.includes(field) ?? false;
export const fieldNames = (kind: Kind): string[] => Object.keys(KINDS[kind].schema.shape);

/** Documents of all kinds: mine, a colleague's, of another site, and outside the window of a desk. */
export function makeWorld({ me, other, site, otherSite }: Staff, today: PlainDate): WorldDoc[] {
  const docs: WorldDoc[] = [];
  const add = (kind: Kind, variant: string, at: string, ties: Ties = {}, createdBy = other): string => {
    const id = kind === 'site' ? at : newId();
    docs.push({ id, kind, siteId: at, createdBy, variant, fields: fullFields(kind, ties) });
    return id;
  };
  const beds = new Map<string, string>();
  for (const at of [site, otherSite]) {
    const variant = at === site ? 'own' : 'otherSite';
    add('site', variant, at);
    const buildingId = add('building', variant, at);
    const floorId = add('floor', variant, at, { parents: { buildingId } });
    const roomId = add('room', variant, at, { parents: { buildingId, floorId } });
    beds.set(at, add('bed', variant, at, { parents: { roomId } }));
  }
  add('staff', 'own', site, { staffSites: [site] });
  add('staff', 'bothSites', otherSite, { staffSites: [otherSite, site] });
  add('staff', 'otherSite', otherSite, { staffSites: [otherSite] });
  add('staff', 'nowhere', site, { staffSites: [] });
  const span = (from: number, to: number) => ({ from: addDays(today, from), to: addDays(today, to) });
  const soon = span(1, 8);
  const before = span(-REPLICA_WINDOW.back - 20, -REPLICA_WINDOW.back - 10);
  const ahead = span(REPLICA_WINDOW.ahead + 10, REPLICA_WINDOW.ahead + 20);

  const mine = [me.userId];
  const client = (variant: string, at: string, stayAt: string, ties: Ties): void => {
    const personId = add('person', variant, at);
    add('contact', variant, at, { personId });
    const reservationId = add('reservation', variant, at);
    const bedId = beds.get(stayAt) ?? null;
    add('stay', variant, stayAt, { personId, reservationId, bedId, ...ties });
  };
  client('own', site, site, { ...soon, specialists: mine });
  client('otherClient', site, site, { ...soon, specialists: [other] });
  client('otherSite', otherSite, otherSite, { ...soon, specialists: mine });
  client('past', site, site, { ...before, specialists: mine, state: 'departed' });
  client('pastOther', site, site, { ...before, specialists: [other], state: 'departed' });
  client('ahead', site, site, { ...ahead, specialists: mine });
  client('guestOfOtherSite', otherSite, site, { ...soon, specialists: mine });
  client('stillHere', site, site, { ...before, specialists: mine, state: 'in_house' });
  // One person, and stays of hers that not everybody who sees her may see.
  const ids = {
    personId: add('person', 'manyStays', site),
    reservationId: add('reservation', 'manyStays', site),
  };
  add('stay', 'manyStays', site, { ...ids, ...soon, specialists: mine });
  add('stay', 'manyStaysOfOther', site, { ...ids, ...span(20, 25), specialists: [other] });
  add('stay', 'manyStaysElsewhere', otherSite, { ...ids, ...span(30, 35), specialists: mine });
  add('stay', 'manyStaysLongAgo', site, { ...ids, ...before, specialists: mine, state: 'departed' });
  for (const [variant, at, by] of [
    ['madeByMe', site, me.userId],
    ['madeByOther', site, other],
    ['madeElsewhere', otherSite, me.userId],
  ] as const) {
    const personId = add('person', variant, at, {}, by);
    add('contact', variant, at, { personId }, by);
    add('reservation', variant, at, {}, by);
  }
  for (const [variant, at, when, by] of [
    ['own', site, soon, me.userId],
    ['others', site, soon, other],
    ['otherSite', otherSite, soon, me.userId],
    ['past', site, before, me.userId],
    ['ahead', site, ahead, other],
  ] as const) {
    add('block', variant, at, { ...when, bedId: beds.get(at) ?? null }, by);
  }
  const another = me.role === 'auditor' ? 'it' : 'auditor';
  add('task', 'madeByMe', site, { ownerRole: another }, me.userId);
  add('task', 'myRole', site, { ownerRole: me.role });
  add('task', 'mine', site, { ownerRole: another, ownerId: me.userId });
  add('task', 'takenByOther', site, { ownerRole: me.role, ownerId: other });
  add('task', 'others', site, { ownerRole: another });
  add('task', 'otherSite', otherSite, { ownerRole: me.role, ownerId: me.userId }, me.userId);
  return docs;
}

function staysFor(doc: WorldDoc, world: readonly WorldDoc[]): readonly WorldDoc[] {
  const stays = world.filter((other) => other.kind === 'stay');
  if (doc.kind === 'stay') return [doc];
  if (doc.kind === 'person') return stays.filter((stay) => stay.fields['personId'] === doc.id);
  if (doc.kind === 'contact')
    return stays.filter((stay) => stay.fields['personId'] === doc.fields['personId']);
  if (doc.kind === 'reservation') return stays.filter((stay) => stay.fields['reservationId'] === doc.id);
  return [];
}

/** The document as `can()` asks for it. */
export function targetIn(world: readonly WorldDoc[], doc: WorldDoc): Target {
  const stays = staysFor(doc, world);
  const reach = doc.kind === 'person' || doc.kind === 'contact' ? stays.map((stay) => stay.siteId) : [];
  return {
    kind: doc.kind,
    siteIds: doc.kind === 'staff' ? (doc.fields['siteIds'] as string[]) : [doc.siteId, ...reach],
    care: stays.map((stay) => ({
      siteId: stay.siteId,
      specialistIds: (stay.fields['specialistIds'] ?? []) as string[],
    })),
    ownerId: (doc.fields['ownerId'] ?? null) as string | null,
    ownerRole: (doc.fields['ownerRole'] ?? null) as string | null,
    createdBy: doc.createdBy,
  };
}

export function answer(
  me: Subject,
  verb: Verb,
  world: readonly WorldDoc[],
  doc: WorldDoc,
  fields: readonly string[] = [],
): Answer {
  return can(me, verb, targetIn(world, doc), fields);
}

export const maySee = (me: Subject, world: readonly WorldDoc[], doc: WorldDoc): boolean =>
  answer(me, 'view', world, doc).allowed;

/** Whether the document lies on my desk: the part of the scope that the row's `replica` names. */
export function mayHold(me: Subject, world: readonly WorldDoc[], doc: WorldDoc, today: PlainDate): boolean {
  const row = rightsRow(me.role, doc.kind);
  if (row === undefined || row.replica === 'none' || !maySee(me, world, doc)) return false;
  if (row.replica === 'scope') return true;
  const touches = (from: unknown, to: unknown): boolean =>
    String(to) >= addDays(today, -REPLICA_WINDOW.back) &&
    String(from) <= addDays(today, REPLICA_WINDOW.ahead);
  if (doc.kind === 'block') return touches(doc.fields['from'], doc.fields['to']);
  const stays = staysFor(doc, world);
  // Somebody who is being registered stays with her maker until her first stay is known.
  if (stays.length === 0) return row.create !== undefined && doc.createdBy === me.userId;
  return stays.some(
    ({ fields }) =>
      touches(fields['arriveDate'], fields['departDate']) ||
      fields['state'] === 'in_house' ||
      fields['state'] === 'on_leave',
  );
}

/** Fields that each kind must have to be made. */
export const NEEDED: Readonly<Record<Kind, readonly string[]>> = {
  person: ['familyName', 'givenName'],
  contact: ['personId', 'contactKind', 'value'],
  reservation: ['reservationKind', 'state'],
  stay: ['reservationId', 'personId', 'arriveDate', 'departDate', 'segments', 'state', 'boardPlan'],
  block: ['scope', 'targetId', 'blockKind', 'from', 'to', 'reason', 'state'],
  task: ['taskKind', 'state', 'ownerRole'],
  site: ['name', 'code', 'order'],
  building: ['name', 'code', 'order'],
  floor: ['buildingId', 'number', 'order'],
  room: ['buildingId', 'floorId', 'number', 'roomType', 'sexPolicy', 'adapted', 'order'],
  bed: ['roomId', 'label', 'bedKind', 'order'],
  staff: ['name', 'role', 'active', 'siteIds'],
};
