/** How one bar looks: what the chart draws of it, as data. */
import type { PlacedBar } from './layout.ts';
import type { TapeBar } from './model.ts';
import type { Sprite } from './sprite.ts';

/** What a bar's inside depends on, beside the bar itself. */
export interface BarInside {
  readonly bar: TapeBar;
  readonly sprite: Sprite;
  /** What the violet mark means. */
  readonly pendingText: string;
  /** Whether there is room for the glyphs of the first and the last half day. */
  readonly glyphs: boolean;
}

/** One bar as it stands in its row; lengths in pixels. */
export interface BarLook extends BarInside {
  readonly elementId: string;
  readonly column: number;
  readonly className: string;
  readonly selected: boolean;
  readonly left: number;
  readonly width: number;
  /** Only of a bar that shares its row with another. */
  readonly top: number | null;
  readonly height: number | null;
}

/** More than a letter and a sign take in a bar at any density, in pixels. */
const LETTER = 9;
const SIGN = 22;
/** What stands beside the name: the padding, and the violet mark. */
const PADDING = 16;
const PENDING = 20;

/**
 * The width that is left for the name of a bar of which `rest` pixels are in sight; `null` when the name surely has
 * room, so that a scroll sideways lays out only the few names that have not.
 */
export function roomFor(bar: TapeBar, rest: number): number | null {
  const signs =
    (bar.icons?.length ?? 0) + (bar.tone === 'overdue' ? 1 : 0) + (bar.edgeFrom === undefined ? 0 : 1);
  const room = Math.max(0, rest - PADDING - (bar.pending ? PENDING : 0));
  return room > bar.label.length * LETTER + signs * SIGN ? null : room;
}

/** The classes of a bar's element. `cut`: it may come to begin out of sight. */
export function barClass(
  { bar, stripes }: PlacedBar,
  marks: {
    readonly cut: boolean;
    readonly glyphs: boolean;
    readonly lifted: boolean;
    readonly selected: boolean;
    readonly cursor: boolean;
  },
): string {
  let name = `tape-bar tone-${bar.tone}`;
  if (bar.act === 'end') name += ' act-end';
  if (marks.cut) name += ' is-cut';
  if (stripes > 1) name += ' is-slim';
  if (bar.pending) name += ' has-pending';
  else if (marks.glyphs && bar.edgeTo !== undefined) name += ' has-edge';
  if (marks.lifted) name += ' is-lifted';
  if (marks.selected) name += ' is-selected';
  if (marks.cursor) name += ' is-cursor';
  return name;
}
