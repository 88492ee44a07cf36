import { describe, expect, it } from 'vitest';
import type { Subject } from '@sivis/shared/access/can.ts';
import type { Task } from '@sivis/shared/work/task.ts';
import { createDesk, type DeskDoc } from '../../data/desk/desk.ts';
import { testStore, type TestDoc } from '../../data/desk/testStore.ts';
import { clashStays, exchange, freeBeds, putIn } from './bedClash.ts';
import { compareFields, likeness } from './comparePeople.ts';
import { dueOn } from './dueAt.ts';
import { ownersAt, ownerText } from './owners.ts';
import { inList, isMine, isOverdue, tasksOf } from './taskLists.ts';

const SITE = 's';
const TODAY = '2026-11-21';
const me: Subject = { userId: 'u1', role: 'reception', siteIds: [SITE] };

const task = (id: string, fields: Partial<Task>): DeskDoc<'task'> => ({
  id,
  kind: 'task',
  siteId: SITE,
  rev: 1,
  pending: null,
  fields: { taskKind: 'manual', state: 'open', ownerRole: 'reception', ...fields },
});

describe('owners of tasks', () => {
  const staff = (id: string, name: string, more: Record<string, unknown> = {}): TestDoc => ({
    kind: 'staff',
    id,
    siteId: SITE,
    fields: { name, role: 'reception', active: true, siteIds: [SITE], ...more },
  });
  const store = testStore([
    staff('u1', 'Anna'),
    staff('u2', 'Zane'),
    staff('u3', 'Ādolfs'),
    staff('u4', 'Bijusī', { active: false }),
    staff('u5', 'Tālu', { siteIds: ['s2'] }),
    staff('u6', 'Vadītāja', { role: 'dutyManager' }),
  ]);
  const desk = createDesk(store);
  const work = { desk, user: { ...me, id: 'u1', user: 'a', name: 'Anna', siteIds: [SITE] } };

  it('are called by name, also those who left; who is not known works elsewhere', () => {
    expect(ownerText(work, { ownerRole: 'reception' })).toBe('Reģistratūra');
    expect(ownerText(work, { ownerRole: 'reception', ownerId: 'u1' })).toBe('Jūs');
    expect(ownerText(work, { ownerRole: 'reception', ownerId: 'u4' })).toBe('Bijusī');
    expect(ownerText(work, { ownerRole: 'reception', ownerId: 'u9' })).toBe('Kolēģis citā centrā');
  });

  it('are offered by role and in Latvian order, only who works here now', () => {
    const groups = ownersAt(desk, SITE);
    expect(groups.map(({ role }) => role)).toEqual(['reception', 'dutyManager', 'specialist', 'catering']);
    expect(groups[0]?.people.map(({ name }) => name)).toEqual(['Anna', 'Ādolfs', 'Zane']);
    expect(groups[1]?.people.map(({ name }) => name)).toEqual(['Vadītāja']);
  });
});

describe('lists of tasks', () => {
  it('mine is what I took over and what my role has that nobody took', () => {
    expect(isMine({ ownerRole: 'reception' }, me)).toBe(true);
    expect(isMine({ ownerRole: 'reception', ownerId: 'u2' }, me)).toBe(false);
    expect(isMine({ ownerRole: 'dutyManager', ownerId: 'u1' }, me)).toBe(true);
    expect(isMine({ ownerRole: 'dutyManager' }, me)).toBe(false);
  });

  it('orders by due date; without one at the end', () => {
    const tasks = [
      task('a', {}),
      task('b', { dueAt: '2026-11-22T10:00:00.000Z' }),
      task('c', { dueAt: '2026-11-21T10:00:00.000Z' }),
      task('d', { state: 'done' }),
    ];
    expect(tasksOf(tasks, 'mine', me).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    expect(tasksOf(tasks, 'done', me).map(({ id }) => id)).toEqual(['d']);
    expect(inList(task('e', { state: 'dismissed' }).fields, 'done', me)).toBe(true);
  });

  it('is overdue only while open', () => {
    const late = { dueAt: '2026-11-20T10:00:00.000Z' };
    expect(isOverdue(task('a', late).fields, Date.parse('2026-11-21T00:00:00Z'))).toBe(true);
    expect(isOverdue(task('a', { ...late, state: 'done' }).fields, Date.parse('2026-11-21T00:00:00Z'))).toBe(
      false,
    );
  });

  it('is due at 17:00 in Riga, in winter and in summer', () => {
    expect(dueOn('2026-11-21')).toBe('2026-11-21T15:00:00.000Z');
    expect(dueOn('2026-07-01')).toBe('2026-07-01T14:00:00.000Z');
  });
});

const stay = (id: string, personId: string, bedId: string | null, over: object = {}): TestDoc => ({
  id,
  kind: 'stay',
  siteId: SITE,
  fields: {
    reservationId: `r-${id}`,
    personId,
    arriveDate: '2026-11-24',
    departDate: '2026-11-28',
    segments: [{ id: `seg-${id}`, bedId, from: '2026-11-24', to: '2026-11-28' }],
    state: 'expected',
    boardPlan: 'full',
    ...over,
  },
});
const room = { buildingId: 'bu', floorId: 'f', roomType: 'x', sexPolicy: 'any', adapted: false, order: 1 };
const bed = { bedKind: 'fixed', order: 1 };

function world(other: object = {}) {
  const desk = createDesk(
    testStore([
      { id: 'p1', kind: 'person', siteId: SITE, fields: { familyName: 'A', givenName: 'A' } },
      { id: 'p2', kind: 'person', siteId: SITE, fields: { familyName: 'B', givenName: 'B' } },
      { id: 'r1', kind: 'room', siteId: SITE, fields: { ...room, number: '214' } },
      { id: 'r2', kind: 'room', siteId: SITE, fields: { ...room, number: '305' } },
      { id: 'b1', kind: 'bed', siteId: SITE, fields: { ...bed, roomId: 'r1', label: 'A' } },
      { id: 'b2', kind: 'bed', siteId: SITE, fields: { ...bed, roomId: 'r2', label: 'A' } },
      stay('s1', 'p1', null, { unconfirmed: true }),
      stay('s2', 'p2', 'b1', other),
    ]),
    (run) => run(),
  );
  const clash = task('t', {
    taskKind: 'bedClash',
    stayIds: ['s1', 's2'],
    personIds: ['p1', 'p2'],
    bedId: 'b1',
    proposedBedIds: ['b1'],
  });
  const { waiting, others } = clashStays(desk, clash);
  if (waiting === null || others[0] === undefined) throw new Error('the world has no clash');
  return { desk, clash, waiting, other: others[0] };
}

describe('a bed that two stays claim', () => {
  it('knows who waits and who holds the bed', () => {
    const { waiting, other } = world();
    expect([waiting.id, other.id]).toEqual(['s1', 's2']);
  });

  it('offers what is free now, not what was free when the task was made', () => {
    const { desk, clash, waiting } = world();
    expect(freeBeds(desk, waiting, clash.fields.proposedBedIds ?? [], TODAY)).toEqual(['b2']);
    expect(freeBeds(desk, waiting, ['b2'], TODAY)).toEqual(['b2']);
  });

  it('puts the guest in, confirms the stay and closes the task in one command', () => {
    const { clash, waiting } = world();
    const drafts = putIn(clash, waiting, 'b2', TODAY);
    expect(drafts.map((draft) => [draft.kind, draft.op])).toEqual([
      ['stay', 'stay.move'],
      ['task', 'edit'],
    ]);
    expect(drafts[0]?.changes['unconfirmed']).toEqual({ before: true, after: null });
    expect(drafts[1]?.changes['state']?.after).toBe('done');
  });

  it('exchanges both at once, and never displaces somebody who is checked in', () => {
    const { clash, waiting, other } = world();
    const drafts = exchange(clash, waiting, other, 'b2', TODAY);
    expect(drafts?.map((draft) => draft.id)).toEqual(['s2', 's1', 't']);
    expect(exchange(clash, waiting, other, undefined, TODAY)).toBeNull();
    const here = world({ state: 'in_house', checkedInAt: '2026-11-21T08:00:00.000Z' });
    expect(exchange(here.clash, here.waiting, here.other, 'b2', TODAY)).toBeNull();
  });
});

describe('two records that may be one person', () => {
  const left = { familyName: 'Lapsa', givenName: 'Aija', birthDate: '1990-09-21' };
  const right = { ...left, personalCode: '329999-99901' };

  it('shows the fields side by side and which differ', () => {
    expect(compareFields(left, right)).toEqual([
      { field: 'familyName', left: 'Lapsa', right: 'Lapsa', differs: false },
      { field: 'givenName', left: 'Aija', right: 'Aija', differs: false },
      { field: 'birthDate', left: '1990-09-21', right: '1990-09-21', differs: false },
      { field: 'personalCode', left: null, right: '329999-99901', differs: true },
    ]);
  });

  it('says why, by the shared rule, phones included', () => {
    const phone = { personId: 'x', contactKind: 'phone' as const, value: '20001111' };
    const found = likeness(
      { id: '1', fields: left, contacts: [phone] },
      { id: '2', fields: right, contacts: [phone] },
    );
    expect(found.reasons).toEqual(['sameNameAndBirthDate', 'samePhone']);
  });
});
