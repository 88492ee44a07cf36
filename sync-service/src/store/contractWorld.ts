import fc from 'fast-check';
import { can, type Subject } from '@sivis/shared/access/can.ts';
import { REPLICA_WINDOW, rightsRow } from '@sivis/shared/access/rights.ts';
import { ROLES } from '@sivis/shared/access/roles.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import { addDays, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import { docColumns, type NewDoc } from './store.ts';

/** Worlds of documents for the contract tests, and the rights read straight from the table, without SQL. */

export const TODAY: PlainDate = '2026-11-21';

export function testId(group: number, index: number): string {
  return `00000000-0000-7000-8000-${String(group).padStart(4, '0')}${String(index).padStart(8, '0')}`;
}

export const SITES = [testId(1, 1), testId(1, 2)] as const;
export const USERS = [testId(2, 1), testId(2, 2), testId(2, 3)] as const;
const PEOPLE = 6;

export function makeDoc(
  id: string,
  kind: Kind,
  siteId: string,
  fields: NewDoc['fields'],
  createdBy = '',
): NewDoc {
  return { id, kind, siteId, rev: 1, fields, stamps: {}, createdBy };
}

const site = fc.constantFrom(...SITES);
const user = fc.constantFrom(...USERS);
const author = fc.constantFrom('', ...USERS);
const person = fc.integer({ min: 1, max: PEOPLE }).map((index) => testId(3, index));
// Mostly around the edges of the window, where mistakes live.
const arrival = fc.oneof(
  fc.integer({ min: -75, max: 15 }),
  fc.integer({ min: 395, max: 405 }),
  fc.constantFrom(-800, 800),
);
const span = fc.record({ start: arrival, nights: fc.integer({ min: 1, max: 20 }) });
const state = fc.constantFrom('expected', 'in_house', 'on_leave', 'departed', 'cancelled');

type Raw = (index: number) => NewDoc;

const stay = fc
  .record({
    site,
    person,
    span,
    state,
    specialists: fc.uniqueArray(user, { maxLength: 2 }),
    reservation: fc.nat({ max: 3 }),
    author,
  })
  .map(
    ({ site: at, person: personId, span: s, state: now, specialists, reservation, author: by }): Raw =>
      (index) =>
        makeDoc(
          testId(4, index),
          'stay',
          at,
          {
            personId,
            // A reservation lies at the site of its stays.
            reservationId: testId(5, reservation * SITES.length + SITES.indexOf(at)),
            arriveDate: addDays(TODAY, s.start),
            departDate: addDays(TODAY, s.start + s.nights),
            state: now,
            specialistIds: specialists,
          },
          by,
        ),
  );
const block = fc.record({ site, span, author }).map(
  ({ site: at, span: s, author: by }): Raw =>
    (index) =>
      makeDoc(
        testId(6, index),
        'block',
        at,
        {
          targetId: testId(9, 1),
          from: addDays(TODAY, s.start),
          to: addDays(TODAY, s.start + s.nights),
          state: 'active',
        },
        by,
      ),
);
const task = fc
  .record({
    site,
    author,
    ownerRole: fc.constantFrom(...ROLES),
    ownerId: fc.option(user, { nil: undefined }),
  })
  .map(
    ({ site: at, author: by, ownerRole, ownerId }): Raw =>
      (index) =>
        makeDoc(
          testId(7, index),
          'task',
          at,
          { state: 'open', ownerRole, ...(ownerId === undefined ? {} : { ownerId }) },
          by,
        ),
  );
const contact = fc.record({ site, person, author }).map(
  ({ site: at, person: personId, author: by }): Raw =>
    (index) =>
      makeDoc(testId(8, index), 'contact', at, { personId, contactKind: 'phone', value: '29000000' }, by),
);

const staff = fc.record({ role: fc.constantFrom(...ROLES), siteIds: fc.subarray([...SITES]) }).map(
  ({ role, siteIds }): Raw =>
    (index) =>
      makeDoc(testId(10, index), 'staff', siteIds[0] ?? '', {
        name: 'Darbiniece',
        role,
        active: true,
        siteIds,
      }),
);

/** Documents of all kinds with their relations, each id once. */
export const worldArbitrary: fc.Arbitrary<NewDoc[]> = fc
  .record({
    people: fc.array(fc.record({ site, author }), { minLength: PEOPLE, maxLength: PEOPLE }),
    reservations: fc.array(author, { minLength: 8, maxLength: 8 }),
    others: fc.array(fc.oneof({ weight: 4, arbitrary: stay }, block, task, contact, staff), {
      maxLength: 14,
    }),
  })
  .map(({ people, reservations, others }) => [
    ...people.map(({ site: at, author: by }, index) =>
      makeDoc(testId(3, index + 1), 'person', at, { familyName: 'Testa', givenName: 'Persona' }, by),
    ),
    ...reservations.map((by, index) =>
      makeDoc(testId(5, index), 'reservation', SITES[index % SITES.length] ?? '', { state: 'confirmed' }, by),
    ),
    ...SITES.map((id) => makeDoc(id, 'site', id, { name: 'Nams' })),
    ...others.map((make, index) => make(index)),
  ]);

export const subjectArbitrary: fc.Arbitrary<Subject> = fc.record({
  userId: user,
  role: fc.constantFrom(...ROLES),
  siteIds: fc.subarray([...SITES]),
});

function inWindow(doc: NewDoc, today: PlainDate): boolean {
  const { fromDay, toDay } = docColumns(doc.kind, doc.fields);
  if (fromDay === null || toDay === null) return false;
  return toDay >= addDays(today, -REPLICA_WINDOW.back) && fromDay <= addDays(today, REPLICA_WINDOW.ahead);
}

function staysOf(doc: NewDoc, world: readonly NewDoc[]): NewDoc[] | null {
  const stays = world.filter((other) => other.kind === 'stay');
  switch (doc.kind) {
    case 'person':
      return stays.filter((other) => other.fields['personId'] === doc.id);
    case 'contact':
      return stays.filter((other) => other.fields['personId'] === doc.fields['personId']);
    case 'reservation':
      return stays.filter((other) => other.fields['reservationId'] === doc.id);
    default:
      return null;
  }
}

/** The same question as `scopeOf`, answered by `can()`. */
export function mayView(subject: Subject, doc: NewDoc, world: readonly NewDoc[]): boolean {
  const own = docColumns(doc.kind, doc.fields);
  const base = { kind: doc.kind, ownerId: own.ownerId, ownerRole: own.ownerRole, createdBy: doc.createdBy };
  const direct = can(subject, 'view', {
    ...base,
    siteIds: doc.kind === 'staff' ? own.staffSiteIds : [doc.siteId],
    care: [{ siteId: doc.siteId, specialistIds: own.specialistIds }],
  }).allowed;
  if (direct) return true;
  if (doc.kind !== 'person' && doc.kind !== 'contact' && doc.kind !== 'reservation') return false;
  return (staysOf(doc, world) ?? []).some(
    (stay) =>
      (doc.kind !== 'reservation' || stay.siteId === doc.siteId) &&
      can(subject, 'view', {
        ...base,
        siteIds: [stay.siteId],
        care: [{ siteId: stay.siteId, specialistIds: docColumns('stay', stay.fields).specialistIds }],
      }).allowed,
  );
}

/** The same question as `replicaOf`, answered by `can()` and the window in plain code. */
export function mayHold(subject: Subject, doc: NewDoc, world: readonly NewDoc[], today: PlainDate): boolean {
  const row = rightsRow(subject.role, doc.kind);
  if (row === undefined || row.replica === 'none' || !mayView(subject, doc, world)) return false;
  if (row.replica === 'scope') return true;
  const present = (stay: NewDoc): boolean =>
    inWindow(stay, today) || stay.fields['state'] === 'in_house' || stay.fields['state'] === 'on_leave';
  if (doc.kind === 'stay') return present(doc);
  if (doc.kind === 'block') return inWindow(doc, today);
  const stays = staysOf(doc, world);
  if (stays === null) return true;
  if (row.create !== undefined && stays.length === 0 && doc.createdBy === subject.userId) return true;
  // The stay that brings somebody to a desk is one for which its reader may know her.
  return stays.some(
    (stay) =>
      present(stay) &&
      subject.siteIds.includes(stay.siteId) &&
      (row.scope !== 'ownClients' ||
        ((stay.fields['specialistIds'] ?? []) as string[]).includes(subject.userId)),
  );
}
