/** What lies under a point of the tape chart: pure arithmetic, so that no bar needs a listener of its own. */
import { barBox, barsBetween, rowAt, stripeBox } from './layout.ts';
import type { RowBars } from './layout.ts';
import type { EpochDay, TapeBar, TapeDays } from './model.ts';

/** The chart as it stands at this moment. Sizes in CSS pixels, `width` and `height` without scroll bars. */
export interface TapeFrame {
  readonly width: number;
  readonly height: number;
  readonly headWidth: number;
  readonly headHeight: number;
  readonly footHeight: number;
  readonly scrollLeft: number;
  readonly scrollTop: number;
  readonly cell: number;
  readonly inset: number;
  readonly days: TapeDays;
  readonly tops: Float64Array;
}

export type TapeZone = 'outside' | 'corner' | 'days' | 'heads' | 'cells' | 'foot';

export interface TapeHit {
  readonly zone: TapeZone;
  /** Index of the row, `-1` where there is none. */
  readonly row: number;
  /** The day, held inside the days. */
  readonly day: EpochDay;
  /** Pixels from the left edge of the first day. */
  readonly x: number;
  /** Pixels from the top of the row. */
  readonly y: number;
}

function zoneOf(frame: TapeFrame, x: number, y: number): TapeZone {
  if (x < 0 || y < 0 || x >= frame.width || y >= frame.height) return 'outside';
  if (y >= frame.height - frame.footHeight) return 'foot';
  if (y < frame.headHeight) return x < frame.headWidth ? 'corner' : 'days';
  return x < frame.headWidth ? 'heads' : 'cells';
}

/** Reads a point given in pixels from the upper left corner of the chart. */
export function hitAt(frame: TapeFrame, x: number, y: number): TapeHit {
  const zone = zoneOf(frame, x, y);
  const along = x - frame.headWidth + frame.scrollLeft;
  const down = y - frame.headHeight + frame.scrollTop;
  const total = frame.tops[frame.tops.length - 1] ?? 0;
  const inRows = (zone === 'cells' || zone === 'heads') && down < total;
  const row = inRows ? rowAt(frame.tops, down) : -1;
  const offset = Math.min(Math.max(Math.floor(along / frame.cell), 0), Math.max(frame.days.count - 1, 0));
  return { zone, row, day: frame.days.first + offset, x: along, y: down - (frame.tops[row] ?? 0) };
}

export type BarPart = 'start' | 'body' | 'end';

export interface BarHit {
  readonly bar: TapeBar;
  readonly part: BarPart;
}

/** How far a bar's end can be gripped: 8 px, on short bars a quarter, so that a body is left to drag. */
function gripOf(width: number): number {
  return Math.min(8, width / 4);
}

/** The bar at a hit, and which part of it; a part that cannot be resized counts as body. */
export function barAt(frame: TapeFrame, row: RowBars | undefined, hit: TapeHit): BarHit | null {
  const height = (frame.tops[hit.row + 1] ?? 0) - (frame.tops[hit.row] ?? 0);
  for (const placed of barsBetween(row, hit.day, hit.day + 1)) {
    const { bar } = placed;
    const box = barBox(bar.from, bar.to, frame.days, frame.cell);
    const stripe = stripeBox(placed, height, frame.inset);
    if (hit.x < box.left || hit.x > box.left + box.width) continue;
    if (placed.stripes > 1 && (hit.y < stripe.top || hit.y > stripe.top + stripe.height)) continue;
    const grip = gripOf(box.width);
    if (bar.resizableStart && hit.x < box.left + grip) return { bar, part: 'start' };
    if (bar.resizableEnd && hit.x > box.left + box.width - grip) return { bar, part: 'end' };
    return { bar, part: 'body' };
  }
  return null;
}

/** Pixels per frame to scroll while something is dragged near an edge of the cells; faster the nearer. */
export function edgeScroll(
  frame: TapeFrame,
  x: number,
  y: number,
): { readonly x: number; readonly y: number } {
  const pull = (near: number, far: number): number => {
    const zone = 40;
    if (near < zone) return -Math.ceil((zone - Math.max(near, -zone)) / 4);
    return far < zone ? Math.ceil((zone - Math.max(far, -zone)) / 4) : 0;
  };
  return {
    x: pull(x - frame.headWidth, frame.width - x),
    y: pull(y - frame.headHeight, frame.height - frame.footHeight - y),
  };
}
