/** The geometry of the tape chart: pure arithmetic, in CSS pixels and epoch days. */
import type { EpochDay, TapeBar, TapeDays, TapeDayText, TapeDensity, TapeRow } from './model.ts';

/** Days per width of the chart, from near to far. */
export const ZOOMS = [7, 14, 21, 42, 60, 90] as const;

export interface TapeSizes {
  readonly row: number;
  readonly group: number;
  /** Free space over and under a bar. */
  readonly inset: number;
}

/** Row heights by density (decisions: 28, 32, 44 px). */
export const SIZES: Readonly<Record<TapeDensity, TapeSizes>> = {
  compact: { row: 28, group: 24, inset: 3 },
  standard: { row: 32, group: 26, inset: 4 },
  touch: { row: 44, group: 32, inset: 5 },
};

export const HEAD_HEIGHT = 54;

/** Below this a day is no longer a place one can point at. */
const MIN_CELL = 10;

/** The width of a day, a whole number of pixels, so that `zoom` days fit into `space`. */
export function cellWidth(space: number, zoom: number): number {
  return Math.max(MIN_CELL, Math.floor(space / zoom));
}

/** The next zoom: `-1` nearer, `1` farther; stays at the ends. */
export function nextZoom(zoom: number, step: -1 | 1): number {
  const list: readonly number[] = ZOOMS;
  return step === 1
    ? (list.find((value) => value > zoom) ?? zoom)
    : (list.findLast((value) => value < zoom) ?? zoom);
}

/** The columns in `[from, to)` that differ from the plain grid: today, days off, the first of a month. */
export function stripsOf(
  textOf: (day: EpochDay) => TapeDayText,
  first: EpochDay,
  today: EpochDay,
  from: EpochDay,
  to: EpochDay,
): { day: EpochDay; class: string }[] {
  const list = [];
  for (let day = from; day < to; day++) {
    const text = textOf(day);
    const begins = day > first && textOf(day - 1).month !== text.month;
    const name = (day === today ? ' is-today' : text.dayOff ? ' is-off' : '') + (begins ? ' is-month' : '');
    if (name !== '') list.push({ day, class: name });
  }
  return list;
}

/** Where each row begins; one entry more than rows, the last is the whole height. */
export function rowTops(rows: readonly TapeRow[], sizes: TapeSizes): Float64Array {
  const tops = new Float64Array(rows.length + 1);
  let y = 0;
  for (let i = 0; i < rows.length; i++) {
    y += rows[i]?.kind === 'group' ? sizes.group : sizes.row;
    tops[i + 1] = y;
  }
  return tops;
}

/** The row at height `y`, held inside the rows; `-1` when there are none. */
export function rowAt(tops: Float64Array, y: number): number {
  const last = tops.length - 2;
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return last < 0 ? -1 : low;
}

/** Rows `[first, end)` that are drawn for what is in sight, with `slack` pixels before and after. */
export function rowWindow(
  tops: Float64Array,
  scrollTop: number,
  height: number,
  slack: number,
): [first: number, end: number] {
  if (tops.length < 2) return [0, 0];
  return [rowAt(tops, scrollTop - slack), rowAt(tops, scrollTop + height + slack) + 1];
}

/**
 * Days `[from, to)` that are drawn for what is in sight. The window moves in steps of a sixteenth of the view, so
 * that scrolling within a step draws nothing new. `ahead` adds a step on either side; the first picture does
 * without.
 */
export function dayWindow(
  days: TapeDays,
  scrollLeft: number,
  width: number,
  cell: number,
  ahead = true,
): [from: EpochDay, to: EpochDay] {
  const seen = Math.ceil(width / cell);
  const step = Math.max(1, Math.round(seen / 16));
  const start = Math.floor(scrollLeft / cell / step) * step;
  const from = Math.max(0, start - (ahead ? step : 0));
  const to = Math.min(days.count, start + seen + (ahead ? 2 * step : step));
  return [days.first + Math.min(from, days.count), days.first + Math.max(from, to)];
}

/** A bar with its place among bars that overlap it: stripe `stripe` of `stripes`. */
export interface PlacedBar {
  readonly bar: TapeBar;
  stripe: number;
  stripes: number;
}

/** A row's bars by start, and the running maximum of their ends, which makes the search below correct. */
export interface RowBars {
  readonly placed: readonly PlacedBar[];
  readonly reach: readonly EpochDay[];
}

function byStart(a: PlacedBar, b: PlacedBar): number {
  return a.bar.from - b.bar.from || a.bar.to - b.bar.to || (a.bar.id < b.bar.id ? -1 : 1);
}

/** Overlapping bars share the height of the row, so that none hides another. */
function stackCluster(cluster: readonly PlacedBar[]): void {
  const ends: EpochDay[] = [];
  for (const placed of cluster) {
    const free = ends.findIndex((end) => end <= placed.bar.from);
    placed.stripe = free === -1 ? ends.length : free;
    ends[placed.stripe] = placed.bar.to;
  }
  for (const placed of cluster) placed.stripes = ends.length;
}

function finishRow(placed: PlacedBar[]): RowBars {
  placed.sort(byStart);
  const reach: EpochDay[] = [];
  let far = -Infinity;
  let cluster: PlacedBar[] = [];
  for (const item of placed) {
    if (item.bar.from >= far) {
      if (cluster.length > 1) stackCluster(cluster);
      cluster = [];
    }
    cluster.push(item);
    far = Math.max(far, item.bar.to);
    reach.push(far);
  }
  if (cluster.length > 1) stackCluster(cluster);
  return { placed, reach };
}

/** Bars by row. */
export interface BarIndex {
  /** The row's bars by start, overlaps stacked; nothing for a row without bars. */
  readonly get: (rowId: string) => RowBars | undefined;
}

/** Bars by row. A row is sorted when it is first asked for: a house has a thousand, the screen twenty. */
export function indexBars(bars: readonly TapeBar[]): BarIndex {
  const rows = new Map<string, TapeBar[]>();
  for (const bar of bars) {
    const row = rows.get(bar.rowId);
    if (row) row.push(bar);
    else rows.set(bar.rowId, [bar]);
  }
  const finished = new Map<string, RowBars>();
  return {
    get(rowId) {
      const known = finished.get(rowId);
      if (known) return known;
      const row = rows.get(rowId);
      if (!row) return undefined;
      const made = finishRow(row.map((bar) => ({ bar, stripe: 0, stripes: 1 })));
      finished.set(rowId, made);
      return made;
    },
  };
}

/** The bars that touch a column of `[from, to)`; a bar touches the column of its departure too. */
export function barsBetween(row: RowBars | undefined, from: EpochDay, to: EpochDay): PlacedBar[] {
  if (!row) return [];
  let low = 0;
  let high = row.placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((row.reach[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  const found: PlacedBar[] = [];
  for (let i = low; i < row.placed.length; i++) {
    const placed = row.placed[i];
    if (!placed || placed.bar.from >= to) break;
    if (placed.bar.to >= from) found.push(placed);
  }
  return found;
}

/** The bar of a cell: the one that sleeps there that night, else the one that departs that day. */
export function barOfCell(row: RowBars | undefined, day: EpochDay): TapeBar | null {
  const near = barsBetween(row, day, day + 1);
  const night = near.find(({ bar }) => bar.from <= day && day < bar.to);
  return (night ?? near[0])?.bar ?? null;
}

/** Half the gap between a departure and an arrival on one day. */
export function barGap(cell: number): number {
  return cell >= 40 ? 3 : cell >= 20 ? 2 : 1;
}

export interface BarBox {
  readonly left: number;
  readonly width: number;
}

/**
 * Where `[from, to)` is drawn, measured from the first day's left edge: middle of the day of arrival to middle
 * of the day of departure. What reaches beyond the days is cut off a day outside them.
 */
export function barBox(from: EpochDay, to: EpochDay, days: TapeDays, cell: number): BarBox {
  const gap = barGap(cell);
  const start = Math.max(from + 0.5, days.first - 1) - days.first;
  const end = Math.min(to + 0.5, days.first + days.count + 1) - days.first;
  const left = start * cell + gap;
  return { left, width: Math.max(6, end * cell - gap - left) };
}

/** A row's bar from top to bottom, within the row. */
export function stripeBox(
  placed: PlacedBar,
  height: number,
  inset: number,
): { readonly top: number; readonly height: number } {
  const room = height - 1 - 2 * inset;
  const share = room / placed.stripes;
  const gap = placed.stripe < placed.stripes - 1 ? 1 : 0;
  return { top: inset + placed.stripe * share, height: share - gap };
}

/** How much to scroll so that `[start, end)` lies inside `[0, size)`; 0 when it does. */
export function scrollInto(start: number, end: number, size: number): number {
  if (start < 0 || end - start > size) return start;
  return end > size ? end - size : 0;
}
