import { describe, expect, it } from 'vitest';
import {
  SIZES,
  barBox,
  barOfCell,
  barsBetween,
  cellWidth,
  dayWindow,
  indexBars,
  nextZoom,
  rowAt,
  rowTops,
  rowWindow,
  scrollInto,
  stripeBox,
} from './layout.ts';
import type { TapeBar, TapeRow } from './model.ts';

const bar = (id: string, from: number, to: number, rowId = 'a'): TapeBar => ({
  id,
  rowId,
  from,
  to,
  label: id,
  title: id,
  tone: 'future',
  movable: true,
  resizableStart: true,
  resizableEnd: true,
});
const rows: TapeRow[] = [
  { id: 'g', kind: 'group', label: 'g' },
  { id: 'a', kind: 'bed', label: 'a' },
  { id: 'b', kind: 'bed', label: 'b' },
];
const ids = (found: readonly { bar: TapeBar }[]) => found.map((placed) => placed.bar.id);

describe('rows', () => {
  const tops = rowTops(rows, SIZES.standard);

  it('stand one under another, groups lower than beds', () => {
    expect([...tops]).toEqual([0, 26, 58, 90]);
  });

  it('are found by height and held inside', () => {
    expect([-5, 0, 25.9, 26, 58, 4000].map((y) => rowAt(tops, y))).toEqual([0, 0, 0, 1, 2, 2]);
    expect(rowAt(new Float64Array(1), 10)).toBe(-1);
  });

  it('are drawn for what is in sight and a little beyond', () => {
    expect(rowWindow(tops, 27, 10, 0)).toEqual([1, 2]);
    expect(rowWindow(tops, 27, 10, 100)).toEqual([0, 3]);
    expect(rowWindow(new Float64Array(1), 0, 100, 0)).toEqual([0, 0]);
  });
});

describe('days', () => {
  it('fit the width in whole pixels, never narrower than can be pointed at', () => {
    expect(cellWidth(990, 17)).toBe(58);
    expect(cellWidth(300, 90)).toBe(10);
  });

  it('zoom by the steps and stay at the ends', () => {
    expect([nextZoom(14, 1), nextZoom(17, 1), nextZoom(17, -1), nextZoom(7, -1), nextZoom(90, 1)]).toEqual([
      21, 21, 14, 7, 90,
    ]);
  });

  it('are drawn wherever one scrolls to, inside the days', () => {
    const days = { first: 1000, count: 60 };
    for (let left = 0; left <= 60 * 50 - 900; left += 7) {
      const [from, to] = dayWindow(days, left, 900, 50);
      expect(from).toBeLessThanOrEqual(1000 + Math.floor(left / 50));
      expect(to).toBeGreaterThanOrEqual(Math.min(1060, 1000 + Math.ceil((left + 900) / 50)));
      expect(from).toBeGreaterThanOrEqual(1000);
      expect(to).toBeLessThanOrEqual(1060);
    }
    expect(dayWindow({ first: 5, count: 0 }, 0, 900, 50)).toEqual([5, 5]);
  });
});

describe('bars', () => {
  it('meet on the day of departure and arrival without touching', () => {
    const days = { first: 10, count: 30 };
    const one = barBox(10, 12, days, 50);
    const two = barBox(12, 15, days, 50);
    expect(one).toEqual({ left: 28, width: 94 });
    expect(two.left - (one.left + one.width)).toBe(6);
  });

  it('are cut off beyond the days', () => {
    const box = barBox(-100_000, 100_000, { first: 10, count: 30 }, 50);
    expect(box.left).toBe(-47);
    expect(box.left + box.width).toBe(31 * 50 - 3);
  });

  it('are found by the columns they touch, even behind shorter neighbours', () => {
    const row = indexBars([bar('long', 0, 90), bar('short', 2, 4), bar('far', 95, 99)]).get('a');
    expect(ids(barsBetween(row, 60, 70))).toEqual(['long']);
    expect(ids(barsBetween(row, 4, 5))).toEqual(['long', 'short']);
    expect(ids(barsBetween(row, 90, 96))).toEqual(['long', 'far']);
    expect(barsBetween(undefined, 0, 9)).toEqual([]);
  });

  it('agree with a search through all of them', () => {
    let seed = 42;
    const next = (limit: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % limit;
    const all = Array.from({ length: 200 }, (_, i) => {
      const from = next(300);
      return bar(`b${i}`, from, from + 1 + next(30));
    });
    const row = indexBars(all).get('a');
    for (let day = 0; day < 340; day += 3) {
      const want = all.filter((b) => b.from < day + 5 && b.to >= day).map((b) => b.id);
      expect(ids(barsBetween(row, day, day + 5)).sort()).toEqual(want.sort());
    }
  });

  it('share the height only where they overlap', () => {
    const row = indexBars([bar('x', 0, 5), bar('y', 3, 8), bar('z', 8, 9)]).get('a');
    expect(row?.placed.map((p) => [p.bar.id, p.stripe, p.stripes])).toEqual([
      ['x', 0, 2],
      ['y', 1, 2],
      ['z', 0, 1],
    ]);
    const [first, second, alone] = row!.placed.map((p) => stripeBox(p, 32, 4));
    expect(first!.top + first!.height).toBeLessThan(second!.top);
    expect(alone).toEqual({ top: 4, height: 23 });
  });

  it('answer for a cell: the night first, then the departure', () => {
    const row = indexBars([bar('x', 0, 5), bar('y', 5, 8)]).get('a');
    expect([0, 4, 5, 7, 8, 9].map((day) => barOfCell(row, day)?.id)).toEqual([
      'x',
      'x',
      'y',
      'y',
      'y',
      undefined,
    ]);
  });
});

describe('scrollInto', () => {
  it('scrolls as little as needed', () => {
    expect([scrollInto(10, 20, 100), scrollInto(-5, 5, 100), scrollInto(95, 110, 100)]).toEqual([0, -5, 10]);
  });
});
