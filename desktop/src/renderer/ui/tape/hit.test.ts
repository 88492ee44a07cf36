import { describe, expect, it } from 'vitest';
import { barAt, edgeScroll, hitAt } from './hit.ts';
import type { TapeFrame } from './hit.ts';
import { SIZES, indexBars, rowTops } from './layout.ts';
import type { TapeBar } from './model.ts';

const frame: TapeFrame = {
  width: 1000,
  height: 600,
  headWidth: 100,
  headHeight: 54,
  footHeight: 100,
  scrollLeft: 250,
  scrollTop: 10,
  cell: 50,
  inset: 4,
  days: { first: 1000, count: 60 },
  tops: rowTops(
    [
      { id: 'g', kind: 'group', label: '' },
      { id: 'a', kind: 'bed', label: '' },
      { id: 'b', kind: 'bed', label: '' },
    ],
    SIZES.standard,
  ),
};
const bar = (id: string, from: number, to: number, more: Partial<TapeBar> = {}): TapeBar => ({
  id,
  rowId: 'a',
  from,
  to,
  label: id,
  title: id,
  tone: 'future',
  movable: true,
  resizableStart: true,
  resizableEnd: true,
  ...more,
});

describe('hitAt', () => {
  it('tells the zones apart', () => {
    const zones = [
      [50, 20],
      [500, 20],
      [50, 80],
      [500, 80],
      [500, 560],
      [-1, 80],
      [500, 601],
    ].map(([x, y]) => hitAt(frame, x!, y!).zone);
    expect(zones).toEqual(['corner', 'days', 'heads', 'cells', 'foot', 'outside', 'outside']);
  });

  it('counts with the scroll', () => {
    expect(hitAt(frame, 100, 54)).toMatchObject({ row: 0, day: 1005, x: 250 });
    expect(hitAt(frame, 149, 71)).toMatchObject({ row: 1, day: 1005, y: 1 });
    expect(hitAt(frame, 150, 103)).toMatchObject({ row: 2, day: 1006 });
  });

  it('has no row under the last one and no day beyond the days', () => {
    expect(hitAt(frame, 500, 300).row).toBe(-1);
    expect(hitAt({ ...frame, scrollLeft: 2900 }, 900, 80).day).toBe(1059);
  });
});

describe('barAt', () => {
  const at = (row: ReturnType<typeof indexBars>, x: number, y = 71) =>
    barAt(frame, row.get('a'), hitAt(frame, x, y));

  it('finds body and ends; between departure and arrival lies nothing', () => {
    const row = indexBars([bar('one', 1004, 1007), bar('two', 1007, 1009)]);
    // one: 225+3 … 375-3 of the days, which stand 150 px further left on the chart.
    expect(at(row, 80 + 1 + 20)).toMatchObject({ bar: { id: 'one' }, part: 'body' });
    expect(at(row, 220)).toMatchObject({ bar: { id: 'one' }, part: 'end' });
    expect(at(row, 225)).toBeNull();
    expect(at(row, 230)).toMatchObject({ bar: { id: 'two' }, part: 'start' });
  });

  it('grips no end that cannot be moved', () => {
    const row = indexBars([bar('one', 1004, 1007, { resizableEnd: false })]);
    expect(at(row, 220)?.part).toBe('body');
  });

  it('tells stacked bars apart by height', () => {
    const row = indexBars([bar('up', 1004, 1009), bar('low', 1005, 1010)]);
    expect(at(row, 200, 70 + 8)?.bar.id).toBe('up');
    expect(at(row, 200, 70 + 22)?.bar.id).toBe('low');
  });
});

describe('edgeScroll', () => {
  it('pulls towards the edge that is near, and rests in the middle', () => {
    expect(edgeScroll(frame, 500, 250)).toEqual({ x: 0, y: 0 });
    expect(edgeScroll(frame, 110, 490)).toEqual({ x: -8, y: 8 });
    expect(edgeScroll(frame, 1200, 20).x).toBe(20);
  });
});
