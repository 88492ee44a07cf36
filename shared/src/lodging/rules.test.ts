import { describe, expect, it } from 'vitest';
import { judge } from '../rules/judge.ts';
import type { Fields } from '../docs/json.ts';
import { newId } from '../ids/ids.ts';
import { claimsAgainst } from './rules.ts';
import { testWorld } from './testWorld.ts';
import type { Stay } from './stay.ts';

const today = '2026-11-21';
const ids = Object.fromEntries(
  ['anna', 'janis', 'rita', 'res', 'r1', 'r2', 'a', 'b', 'c', 's1', 's2', 'seg', 'seg2', 'user'].map(
    (name) => [name, newId()],
  ),
) as Record<string, string>;
const id = (name: string): string => ids[name]!;

const room = (number: string, extra: object = {}): { kind: 'room'; fields: object } => ({
  kind: 'room',
  fields: {
    buildingId: newId(),
    floorId: newId(),
    number,
    roomType: 'Divvietīgs',
    sexPolicy: 'any',
    adapted: false,
    order: 1,
    ...extra,
  },
});
const bed = (roomId: string, label: string): { kind: 'bed'; fields: object } => ({
  kind: 'bed',
  fields: { roomId, label, bedKind: 'fixed', order: 1 },
});
const person = (sex: 'F' | 'M', extra: object = {}): { kind: 'person'; fields: object } => ({
  kind: 'person',
  fields: { familyName: 'Paraugs', givenName: 'Testa', sex, ...extra },
});
const stay = (over: Partial<Stay> = {}): Stay => ({
  reservationId: id('res'),
  personId: id('anna'),
  arriveDate: '2026-11-21',
  departDate: '2026-12-05',
  segments: [
    {
      id: id('seg'),
      bedId: id('a'),
      from: over.arriveDate ?? '2026-11-21',
      to: over.departDate ?? '2026-12-05',
    },
  ],
  state: 'expected',
  boardPlan: 'full',
  ...over,
});
const base = (
  extra: Record<string, { kind: 'room' | 'bed' | 'person' | 'stay' | 'block'; fields: object }> = {},
) =>
  testWorld(today, {
    [id('r1')]: room('214'),
    [id('r2')]: room('215', { adapted: true }),
    [id('a')]: bed(id('r1'), 'A'),
    [id('b')]: bed(id('r1'), 'B'),
    [id('c')]: bed(id('r2'), 'A'),
    [id('anna')]: person('F'),
    [id('janis')]: person('M'),
    [id('rita')]: person('F'),
    ...extra,
  });

const judgeStayDeed = (
  before: Stay | undefined,
  after: Stay,
  options: { world?: ReturnType<typeof base>; undo?: boolean; override?: string[] } = {},
): string[] => {
  const touched = new Set(
    Object.keys({ ...before, ...after }).filter(
      (field) => JSON.stringify(before?.[field as keyof Stay]) !== JSON.stringify(after[field as keyof Stay]),
    ),
  );
  return judge(
    {
      kind: 'stay',
      id: id('s1'),
      op: {
        kind: before === undefined ? 'create' : 'stay.test',
        ...(options.undo === true ? { undoes: newId() } : {}),
        ...(options.override === undefined ? {} : { override: options.override }),
      },
      before: before as unknown as Fields | undefined,
      after: after as unknown as Fields,
      touched,
    },
    options.world ?? base(),
  ).map((entry) => `${entry.rule} ${entry.code}`);
};

describe('rules of a stay', () => {
  it('takes a sound new stay', () => {
    expect(judgeStayDeed(undefined, stay())).toEqual([]);
  });

  it('I2: segments are ordered, gap-free and cover exactly [arrive, depart)', () => {
    const gap = stay({
      segments: [
        { id: id('seg'), bedId: id('a'), from: '2026-11-21', to: '2026-11-25' },
        { id: id('seg2'), bedId: id('b'), from: '2026-11-26', to: '2026-12-05' },
      ],
    });
    expect(judgeStayDeed(undefined, gap)).toEqual(['I2 segmentsGap']);
    expect(judgeStayDeed(undefined, stay({ departDate: '2026-11-21' }))).toEqual(['I2 arriveBeforeDepart']);
  });

  it('I5: a room for men refuses a woman, night by night, and the duty manager may set it aside', () => {
    const world = base({ [id('r1')]: room('214', { sexPolicy: 'M' }) });
    expect(judgeStayDeed(undefined, stay(), { world })).toEqual(['I5 roomSex']);
    expect(judgeStayDeed(undefined, stay(), { world, override: ['I5'] })).toEqual([]);
  });

  it('I5: a room that follows its first occupant refuses the other sex only in shared nights', () => {
    const world = base({
      [id('r1')]: room('214', { sexPolicy: 'follow' }),
      [id('s2')]: {
        kind: 'stay',
        fields: stay({
          personId: id('janis'),
          segments: [{ id: id('seg2'), bedId: id('b'), from: '2026-11-28', to: '2026-12-05' }],
        }),
      },
    });
    expect(judgeStayDeed(undefined, stay(), { world })).toEqual(['I5 roomSex']);
    expect(judgeStayDeed(undefined, stay({ departDate: '2026-11-28' }), { world })).toEqual([]);
  });

  it('I6: a wheelchair needs an adapted room', () => {
    const world = base({ [id('anna')]: person('F', { alerts: ['wheelchair'] }) });
    expect(judgeStayDeed(undefined, stay(), { world })).toEqual(['I6 roomNotAdapted']);
    const adapted = stay({
      segments: [{ id: id('seg'), bedId: id('c'), from: '2026-11-21', to: '2026-12-05' }],
    });
    expect(judgeStayDeed(undefined, adapted, { world })).toEqual([]);
  });

  it('I7: a companion does not outlive the stay of the client', () => {
    const world = base({
      [id('s2')]: { kind: 'stay', fields: stay({ personId: id('rita'), departDate: '2026-12-01' }) },
    });
    expect(judgeStayDeed(undefined, stay({ companionOf: id('s2') }), { world })).toEqual([
      'I7 companionOutlives',
    ]);
    expect(
      judgeStayDeed(undefined, stay({ companionOf: id('s2'), departDate: '2026-12-01' }), { world }),
    ).toEqual([]);
  });

  it('I9: a locked segment changes only by unlocking', () => {
    const locked = stay({
      segments: [{ id: id('seg'), bedId: id('a'), from: '2026-11-21', to: '2026-12-05', locked: true }],
    });
    const moved = stay({
      segments: [{ id: id('seg'), bedId: id('b'), from: '2026-11-21', to: '2026-12-05', locked: true }],
    });
    const unlocked = stay({
      segments: [{ id: id('seg'), bedId: id('a'), from: '2026-11-21', to: '2026-12-05', locked: false }],
    });
    expect(judgeStayDeed(locked, moved)).toEqual(['I9 segmentLocked']);
    expect(judgeStayDeed(locked, unlocked)).toEqual([]);
  });

  it('I10: past nights change only by a correction with a reason', () => {
    const inHouse = stay({ arriveDate: '2026-11-18', state: 'in_house' });
    const rewritten = stay({
      arriveDate: '2026-11-18',
      state: 'in_house',
      segments: [{ id: id('seg'), bedId: id('b'), from: '2026-11-18', to: '2026-12-05' }],
    });
    expect(judgeStayDeed(inHouse, rewritten)).toEqual(['I10 pastNights']);
    expect(judgeStayDeed(inHouse, rewritten, { override: ['I10'] })).toEqual([]);
    const fromToday = stay({
      arriveDate: '2026-11-18',
      state: 'in_house',
      segments: [
        { id: id('seg'), bedId: id('a'), from: '2026-11-18', to: '2026-11-21' },
        { id: id('seg2'), bedId: id('b'), from: '2026-11-21', to: '2026-12-05' },
      ],
    });
    expect(judgeStayDeed(inHouse, fromToday)).toEqual([]);
  });

  it('I10: a guest who never came may be cancelled or marked as a no-show, though nights have passed', () => {
    const late = stay({ arriveDate: '2026-11-18' });
    expect(judgeStayDeed(late, { ...late, state: 'no_show' })).toEqual([]);
  });

  it('I10: a night that nobody slept binds nobody: a late guest is postponed, parked, moved or cancelled', () => {
    const late = stay({ arriveDate: '2026-11-18' });
    const chain = (from: string, bedId: string | null): Stay['segments'] => [
      { id: id('seg'), bedId, from, to: '2026-12-05' },
    ];
    const after = (arriveDate: string, bedId: string | null, over: Partial<Stay> = {}): Stay => ({
      ...late,
      arriveDate,
      segments: chain(arriveDate, bedId),
      ...over,
    });
    expect(judgeStayDeed(late, after('2026-11-23', id('a')))).toEqual([]);
    expect(judgeStayDeed(late, after('2026-11-21', id('b')))).toEqual([]);
    expect(judgeStayDeed(late, after('2026-11-18', null))).toEqual([]);
    expect(judgeStayDeed(late, after('2026-11-18', id('b')))).toEqual([]);
    expect(judgeStayDeed(late, { ...late, state: 'cancelled' })).toEqual([]);
    expect(judgeStayDeed({ ...late, state: 'cancelled' }, late, { undo: true })).toEqual([]);
    // Taken back, the nights are his again; by anything else nobody claims nights that have passed.
    expect(judgeStayDeed(after('2026-11-23', id('a')), late, { undo: true })).toEqual([]);
    expect(judgeStayDeed(after('2026-11-23', id('a')), late)).toEqual(['I10 pastNights']);
    expect(judgeStayDeed(late, after('2026-11-15', id('a')))).toEqual(['I10 pastNights']);
    expect(judgeStayDeed(undefined, late)).toEqual(['I10 pastNights']);
  });

  it('I10: who comes late slept from today on, or keeps the bed that was kept; never in another one before', () => {
    const checkin = { identity: { doneAt: '2026-11-21T08:00:00.000Z', by: id('user') } };
    const late = stay({ arriveDate: '2026-11-18', checkin });
    expect(judgeStayDeed(late, { ...late, state: 'in_house' })).toEqual([]);
    const fromToday = stay({ arriveDate: '2026-11-21', checkin, state: 'in_house' });
    expect(judgeStayDeed(late, fromToday)).toEqual([]);
    const elsewhere = { ...late, segments: [{ ...late.segments[0]!, bedId: id('b') }] };
    expect(judgeStayDeed(late, { ...elsewhere, state: 'in_house' })).toEqual(['I10 pastNights']);
  });

  it('I15: no arrival is registered before its day, without a checked document or without a bed', () => {
    const expected = stay();
    expect(judgeStayDeed(expected, { ...expected, state: 'in_house' })).toEqual(['I15 identityUnchecked']);
    const checked = stay({ checkin: { identity: { doneAt: '2026-11-21T08:00:00.000Z', by: id('user') } } });
    expect(judgeStayDeed(checked, { ...checked, state: 'in_house' })).toEqual([]);
    const tomorrow = {
      ...checked,
      arriveDate: '2026-11-22',
      segments: [{ ...checked.segments[0]!, from: '2026-11-22' }],
    };
    expect(judgeStayDeed(tomorrow, { ...tomorrow, state: 'in_house' })).toEqual(['I15 tooEarly']);
    const bedless = { ...checked, segments: [{ ...checked.segments[0]!, bedId: null }] };
    expect(judgeStayDeed(bedless, { ...bedless, state: 'in_house' })).toEqual(['I15 noBed']);
  });

  it('I16: two stays of one person never overlap', () => {
    const world = base({
      [id('s2')]: { kind: 'stay', fields: stay({ arriveDate: '2026-12-04', departDate: '2026-12-18' }) },
    });
    expect(judgeStayDeed(undefined, stay(), { world })).toEqual(['I16 stayOverlap']);
    expect(judgeStayDeed(undefined, stay({ departDate: '2026-12-04' }), { world })).toEqual([]);
    const cancelled = base({ [id('s2')]: { kind: 'stay', fields: stay({ state: 'cancelled' }) } });
    expect(judgeStayDeed(undefined, stay(), { world: cancelled })).toEqual([]);
  });

  it('states: only the steps of the table, and undo takes the last one back', () => {
    const departed = stay({ state: 'departed', arriveDate: '2026-11-01', departDate: '2026-11-21' });
    expect(judgeStayDeed(departed, { ...departed, state: 'in_house' })).toEqual(['states wrongState']);
    expect(judgeStayDeed(departed, { ...departed, state: 'in_house' }, { undo: true })).toEqual([]);
    const inHouse = stay({ state: 'in_house' });
    expect(judgeStayDeed(inHouse, { ...inHouse, state: 'expected' })).toEqual(['states wrongState']);
    expect(judgeStayDeed(inHouse, { ...inHouse, state: 'expected' }, { undo: true })).toEqual([]);
  });

  it('old data is judged only on what an edit touches', () => {
    const world = base({ [id('r1')]: room('214', { sexPolicy: 'M' }) });
    const old = stay();
    expect(judgeStayDeed(old, { ...old, dietCode: 'GL' }, { world })).toEqual([]);
  });
});

describe('claims to a bed', () => {
  it('I1: names the nights that another stay holds, and a departure leaves the bed free for an arrival on that day', () => {
    const world = base({
      [id('s2')]: {
        kind: 'stay',
        fields: stay({
          personId: id('rita'),
          departDate: '2026-11-25',
          segments: [{ id: id('seg2'), bedId: id('a'), from: '2026-11-21', to: '2026-11-25' }],
        }),
      },
    });
    expect(claimsAgainst(id('s1'), stay(), world)).toMatchObject([
      { bedId: id('a'), from: '2026-11-21', to: '2026-11-25' },
    ]);
    const later = stay({
      arriveDate: '2026-11-25',
      segments: [{ id: id('seg'), bedId: id('a'), from: '2026-11-25', to: '2026-12-05' }],
    });
    expect(claimsAgainst(id('s1'), later, world)).toEqual([]);
  });

  it('I3: private use takes every bed of the room', () => {
    const world = base({
      [id('s2')]: {
        kind: 'stay',
        fields: stay({
          personId: id('rita'),
          segments: [{ id: id('seg2'), bedId: id('b'), from: '2026-11-21', to: '2026-12-05' }],
        }),
      },
    });
    const whole = stay({
      segments: [{ id: id('seg'), bedId: id('a'), from: '2026-11-21', to: '2026-12-05', privateUse: true }],
    });
    expect(claimsAgainst(id('s1'), whole, world)).toMatchObject([{ bedId: id('b') }]);
    expect(claimsAgainst(id('s1'), stay(), world)).toEqual([]);
  });

  it('a block closes its beds', () => {
    const world = base({
      [id('s2')]: {
        kind: 'block',
        fields: {
          scope: 'room',
          targetId: id('r1'),
          blockKind: 'outOfOrder',
          from: '2026-11-23',
          to: '2026-11-24',
          reason: 'Remonts',
          state: 'active',
        },
      },
    });
    expect(claimsAgainst(id('s1'), stay(), world)).toMatchObject([
      { holderKind: 'block', from: '2026-11-23', to: '2026-11-24' },
    ]);
  });
});
