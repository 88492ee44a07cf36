import { newId } from '@sivis/shared/ids/ids.ts';
import type { Stay } from '@sivis/shared/lodging/stay.ts';
import { addDays, toEpochDay } from '@sivis/shared/time/plainDate.ts';
import { describe, expect, it } from 'vitest';
import { allBeds } from '../places.ts';
import { testCentre, TODAY } from '../testCentre.ts';
import { createBoardBars, refOfBar, toneOf, type BarTexts } from './boardBars.ts';
import { createBoardFooter } from './boardFooter.ts';
import { draftOfIntent } from './boardIntents.ts';
import { claimsOfDraft, freeUntil, nearbyBeds } from './boardJudge.ts';
import { boardRows, NO_BED_LANE } from './boardRows.ts';

const day = (offset: number): number => toEpochDay(TODAY) + offset;
const date = (offset: number): string => addDays(TODAY, offset);
const texts: BarTexts = {
  stay: (stay) => ({ label: stay.id, title: stay.id }),
  block: ({ fields }) => ({ label: fields.reason, title: fields.reason }),
};
const DAYS = { first: day(-60), count: 200 };

function setUp() {
  const centre = testCentre();
  const make = createBoardBars(centre.desk);
  const bars = () => make({ days: DAYS, today: TODAY, siteIds: centre.siteIds, key: 'lv', texts });
  return { ...centre, bars };
}

describe('rows of the room plan', () => {
  it('group beds by floor, name a room once and a single bed as such', () => {
    const { id, desk, siteIds } = testCentre();
    const rowTexts = {
      floor: (b: string, f: number | undefined) => `${b} ${f}`,
      singleBed: 'viena vieta',
      marks: () => [],
    };
    const places = allBeds(desk, siteIds);
    const rows = boardRows(places, rowTexts);
    expect(
      rows.map(({ kind, label, sublabel, firstOfRoom }) => [kind, label, sublabel, firstOfRoom]),
    ).toEqual([
      ['group', 'Dubulti 2 2', undefined, undefined],
      ['bed', '214', 'A', true],
      ['bed', '214', 'B', false],
      ['bed', '215', 'viena vieta', true],
    ]);
    expect(boardRows(places, rowTexts, { adapted: true }).map((row) => row.id)).toContain(id.a2);
    expect(boardRows(places, rowTexts, { adapted: true })).toHaveLength(2);
    // A filter that hides a bed does not make its neighbour a single room.
    expect(boardRows(places, rowTexts, { only: (bedId) => bedId === id.b1 })[1]).toMatchObject({
      sublabel: 'B',
      firstOfRoom: true,
    });
  });
});

describe('bars of the room plan', () => {
  const stayLike = (more: Partial<Stay>): Stay =>
    ({ arriveDate: date(-3), departDate: date(4), state: 'expected', ...more }) as Stay;
  const segment = (from: number, to: number) => ({ id: 's', bedId: 'b', from: date(from), to: date(to) });

  it.each([
    [{ arriveDate: date(0) }, [0, 4], { tone: 'today', act: 'start' }],
    [{}, [-3, 4], { tone: 'overdue', act: 'start' }],
    [{ arriveDate: date(2) }, [2, 4], { tone: 'future' }],
    [{ unconfirmed: true }, [-3, 4], { tone: 'unconfirmed' }],
    [{ state: 'in_house' }, [-3, 4], { tone: 'inHouse' }],
    [{ state: 'in_house', departDate: date(0) }, [-3, 0], { tone: 'today', act: 'end' }],
    [{ state: 'on_leave', departDate: date(-1) }, [-3, -1], { tone: 'overdue', act: 'end' }],
    [{ state: 'in_house' }, [-3, -1], { tone: 'past' }],
    [{ state: 'departed' }, [-3, 4], { tone: 'past' }],
  ] as const)('take their tone from who has to act: %o', (more, [from, to], tone) => {
    expect(toneOf(stayLike(more), segment(from, to), TODAY)).toEqual(tone);
  });

  it('lie in beds, without a bed in the lane, and over every bed of a room for private use', () => {
    const { id, stay, bars } = setUp();
    stay(null, date(0), date(5));
    stay(id.a1, date(1), date(5), {
      segments: [{ id: newId(), bedId: id.a1, from: date(1), to: date(5), privateUse: true }],
    });
    stay(id.a2, date(1), date(5), { state: 'cancelled' });
    expect(bars().map(({ rowId, tone, movable }) => [rowId, tone, movable])).toEqual([
      [NO_BED_LANE, 'today', true],
      [id.a1, 'future', true],
      [id.b1, 'private', false],
    ]);
  });

  it('of a guest in house keep their beginning; locked and past ones keep everything', () => {
    const { id, stay, bars } = setUp();
    stay(id.a1, date(-3), date(5), { state: 'in_house' });
    stay(id.b1, date(1), date(5), {
      segments: [{ id: newId(), bedId: id.b1, from: date(1), to: date(5), locked: true }],
    });
    stay(id.a2, date(-9), date(-2), { state: 'departed' });
    expect(bars().map((bar) => [bar.movable, bar.resizableStart, bar.resizableEnd])).toEqual([
      [true, false, true],
      [false, false, false],
      [false, false, false],
    ]);
  });

  it('are made again only when their documents change', () => {
    const { id, stay, edit, bars } = setUp();
    const one = stay(id.a1, date(1), date(5));
    stay(id.b1, date(1), date(5));
    const before = bars();
    edit(one, { state: 'in_house' });
    const after = bars();
    expect(after[1]).toBe(before[1]);
    expect(after[0]?.tone).toBe('inHouse');
    expect(refOfBar(after[0]?.id ?? '')).toMatchObject({ kind: 'stay', stayId: one, ghost: false });
  });

  it('of a closed room stand in each of its beds until it is opened', () => {
    const { id, store, doc, bars } = setUp();
    const block = {
      scope: 'room',
      targetId: id.room1,
      blockKind: 'outOfOrder',
      from: date(0),
      to: date(2),
      reason: 'duša',
    };
    const blockId = newId();
    store.put([doc('block', blockId, { ...block, state: 'active' })]);
    expect(bars().map((bar) => [bar.rowId, bar.tone])).toEqual([
      [id.a1, 'block'],
      [id.b1, 'block'],
    ]);
    expect(refOfBar(bars()[0]?.id ?? '')).toEqual({ kind: 'block', blockId });
    store.put([doc('block', blockId, { ...block, state: 'released' })]);
    expect(bars()).toEqual([]);
  });
});

describe('figures at the foot', () => {
  const figuresOf = (centre: ReturnType<typeof testCentre>) =>
    createBoardFooter(centre.desk, day(-5), 40, centre.siteIds);

  it('count free beds night by night, and for women where a woman is there', () => {
    const centre = testCentre();
    centre.stay(centre.id.a1, date(0), date(3));
    const foot = figuresOf(centre);
    expect(foot.figures(day(0))).toEqual({
      freeWomen: 1,
      freeMen: 0,
      free: 2,
      freeAdapted: 1,
      arrivals: 1,
      departures: 0,
    });
    expect(foot.figures(day(3))).toEqual({
      freeWomen: 0,
      freeMen: 0,
      free: 3,
      freeAdapted: 1,
      arrivals: 0,
      departures: 1,
    });
  });

  it('never sum stays that follow one another (I4), and count a block and a private room once', () => {
    const centre = testCentre();
    const { id, stay, store, doc } = centre;
    stay(id.a1, date(0), date(2), {
      segments: [{ id: newId(), bedId: id.a1, from: date(0), to: date(2), privateUse: true }],
    });
    stay(id.a1, date(2), date(4), { sex: 'M' });
    store.put([
      doc('block', newId(), {
        scope: 'bed',
        targetId: id.b1,
        blockKind: 'hold',
        from: date(1),
        to: date(3),
        reason: 'x',
        state: 'active',
      }),
    ]);
    const foot = figuresOf(centre);
    expect([0, 1, 2, 3].map((offset) => foot.figures(day(offset)).free)).toEqual([1, 1, 1, 2]);
    expect(foot.figures(day(3)).freeMen).toBe(1);
  });

  it('are the same after every change as when counted anew', () => {
    const centre = testCentre();
    const { id, desk, stay, edit, store, doc } = centre;
    const foot = figuresOf(centre);
    const stop = desk.changed.on((change) => {
      foot.update(change);
    });
    const all = () => Array.from({ length: 40 }, (_, index) => foot.figures(day(index - 5)));
    const anew = () => {
      const other = figuresOf(centre);
      return Array.from({ length: 40 }, (_, index) => other.figures(day(index - 5)));
    };
    const one = stay(id.a1, date(0), date(5));
    const two = stay(id.a2, date(2), date(9), { sex: 'M' });
    expect(all()).toEqual(anew());
    edit(one, {
      segments: [
        { id: newId(), bedId: id.a2, from: date(0), to: date(2) },
        { id: newId(), bedId: id.b1, from: date(2), to: date(5) },
      ],
    });
    expect(all()).toEqual(anew());
    edit(two, { state: 'cancelled' });
    const block = {
      scope: 'room',
      targetId: id.room1,
      blockKind: 'hold',
      from: date(0),
      to: date(4),
      reason: 'x',
    };
    const blockId = newId();
    store.put([doc('block', blockId, { ...block, state: 'active' })]);
    expect(all()).toEqual(anew());
    store.put([doc('block', blockId, { ...block, state: 'released' })]);
    store.remove(one, 'stay');
    expect(all()).toEqual(anew());
    stop();
  });

  it('of a whole house are counted with work in proportion to what changed', () => {
    const centre = testCentre();
    const { id, desk, stay } = centre;
    const foot = figuresOf(centre);
    let looked = 0;
    const watched = desk.bedsOfRoom;
    desk.bedsOfRoom = (roomId) => {
      looked += 1;
      return watched(roomId);
    };
    const one = stay(id.a1, date(0), date(5));
    foot.update({ ids: new Set([one]), kinds: new Set(['stay']) });
    expect(looked).toBe(1);
  });
});

describe('what a drop means', () => {
  const move = (barId: string, rowId: string, from: number, to: number) =>
    ({ kind: 'move', barId, rowId, from: day(from), to: day(to) }) as const;
  const barOf = (centre: ReturnType<typeof setUp>, stayId: string): string =>
    centre.bars().find((bar) => bar.id.startsWith(stayId))?.id ?? '';
  const segments = (made: ReturnType<typeof draftOfIntent>): Stay['segments'] =>
    (made.ok ? made.draft.changes['segments']?.after : []) as unknown as Stay['segments'];
  const parts = (made: ReturnType<typeof draftOfIntent>) =>
    segments(made).map(({ bedId, from, to }) => [bedId, from, to]);

  it('moves an expected stay in bed and days', () => {
    const centre = setUp();
    const stayId = centre.stay(centre.id.a1, date(2), date(6));
    const made = draftOfIntent(centre.desk, move(barOf(centre, stayId), centre.id.b1, 3, 7), TODAY);
    expect(parts(made)).toEqual([[centre.id.b1, date(3), date(7)]]);
  });

  it('moves a guest in house from today on, and never in days', () => {
    const centre = setUp();
    const { id, desk } = centre;
    const stayId = centre.stay(id.a1, date(-3), date(4), { state: 'in_house' });
    const bar = barOf(centre, stayId);
    const made = draftOfIntent(desk, move(bar, id.b1, -1, 6), TODAY);
    expect(parts(made)).toEqual([
      [id.a1, date(-3), date(0)],
      [id.b1, date(0), date(4)],
    ]);
    expect(made).toMatchObject({ ok: true, hint: 'fromToday' });
    expect(draftOfIntent(desk, move(bar, id.a1, 1, 8), TODAY)).toEqual({ ok: false, why: 'inHouseDates' });
  });

  it('keeps the nights that somebody late has missed where they were planned (I10)', () => {
    const centre = setUp();
    const { id, desk } = centre;
    const stayId = centre.stay(id.a1, date(-1), date(4));
    const made = draftOfIntent(desk, move(barOf(centre, stayId), id.b1, -1, 4), TODAY);
    expect(parts(made)).toEqual([
      [id.a1, date(-1), date(0)],
      [id.b1, date(0), date(4)],
    ]);
  });

  it('pulls the seam between two beds without changing the dates', () => {
    const centre = setUp();
    const { id, desk } = centre;
    const [first, second] = [newId(), newId()];
    const stayId = centre.stay(id.a1, date(1), date(9), {
      segments: [
        { id: first, bedId: id.a1, from: date(1), to: date(4) },
        { id: second, bedId: id.a2, from: date(4), to: date(9) },
      ],
    });
    const resize = (segmentId: string, rowId: string, from: number, to: number) =>
      draftOfIntent(
        desk,
        { kind: 'resize', barId: `${stayId}|${segmentId}`, rowId, from: day(from), to: day(to) },
        TODAY,
      );
    expect(parts(resize(first, id.a1, 1, 6))).toEqual([
      [id.a1, date(1), date(6)],
      [id.a2, date(6), date(9)],
    ]);
    expect(parts(resize(first, id.a1, 1, 3))).toEqual([
      [id.a1, date(1), date(3)],
      [id.a2, date(3), date(9)],
    ]);
    expect(parts(resize(second, id.a2, 2, 9))).toEqual([
      [id.a1, date(1), date(2)],
      [id.a2, date(2), date(9)],
    ]);
    expect(parts(resize(second, id.a2, 4, 11)).at(-1)).toEqual([id.a2, date(4), date(11)]);
  });

  it('knows who is in the way, until when the bed is free, and what is free nearby', () => {
    const centre = setUp();
    const { id, desk } = centre;
    const other = centre.stay(id.b1, date(3), date(9));
    const stayId = centre.stay(id.a1, date(1), date(6));
    const made = draftOfIntent(desk, move(barOf(centre, stayId), id.b1, 1, 6), TODAY);
    if (!made.ok) throw new Error('the drop has a draft');
    const claims = claimsOfDraft(desk, TODAY, made.draft);
    expect(claims.map(({ holder, from, to }) => [holder.id, from, to])).toEqual([[other, date(3), date(6)]]);
    expect(freeUntil(claims, id.b1, date(1))).toBe(date(3));
    const stay = desk.get('stay', stayId);
    if (stay === undefined) throw new Error('the stay is there');
    const wish = { stayId, stay: stay.fields, bedId: id.b1, from: date(1), to: date(6) };
    expect(nearbyBeds(desk, TODAY, allBeds(desk, centre.siteIds), wish)).toEqual([id.a2]);
  });
});
