/** How the rows in sight look: what the chart draws, as data. A scroll makes anew only what has changed. */
import { barClass, roomFor, type BarLook } from './barLook.ts';
import { keepList, sameList } from './keep.ts';
import { barBox, barsBetween, stripeBox, type BarBox, type PlacedBar, type RowBars } from './layout.ts';
import type { EpochDay, TapeDays, TapeRow } from './model.ts';
import type { Placing } from './placing.svelte.ts';
import type { Sprite } from './sprite.ts';

/** The keyboard's cursor. */
export interface RowCursor {
  readonly rowId: string;
  readonly day: EpochDay;
  /** The bar it is on. */
  readonly barId: string | null;
  /** What a screen reader says of the cell. */
  readonly text: string;
}

/** What all rows share. */
export interface RowsFrame {
  readonly uid: string;
  readonly days: TapeDays;
  readonly cell: number;
  /** Free space over and under a bar, in pixels. */
  readonly inset: number;
  readonly from: EpochDay;
  readonly to: EpochDay;
  /** Where sight begins, in pixels from the first day. */
  readonly edge: number;
  readonly sprite: Sprite;
  readonly pendingText: string;
  readonly selectedId: string | null;
  readonly cursor: RowCursor | null;
  /** The bar that is being placed: it pales where it was. */
  readonly liftedId: string | null;
  /** What is being placed: its shadow lies in the target row. */
  readonly placing: Placing | null;
  readonly placingText: string;
}

/** One row and where it stands, in pixels. */
export interface RowPlace {
  readonly row: TapeRow;
  readonly bars: RowBars | undefined;
  /** Its place for aria-rowindex. */
  readonly at: number;
  readonly top: number;
  readonly height: number;
  readonly hovered: boolean;
}

export interface CursorLook extends BarBox {
  readonly elementId: string;
  readonly column: number;
  readonly className: string;
  readonly text: string;
}

/** The shadow of what is being placed. */
export interface GhostLook extends BarBox {
  readonly className: string;
  readonly text: string;
}

/** A row as it is drawn; lengths in pixels. */
export interface RowLook {
  readonly row: TapeRow;
  readonly headId: string;
  readonly sprite: Sprite;
  readonly at: number;
  readonly top: number;
  readonly height: number;
  /** Columns that a heading spans. */
  readonly columns: number;
  readonly className: string;
  readonly bars: readonly BarLook[];
  /** The bar that began before what is in sight. */
  readonly crossingId: string | null;
  /** The width that is left for its name; `null`: enough. */
  readonly room: number | null;
  readonly refused: boolean;
  readonly cursor: CursorLook | null;
  readonly ghost: GhostLook | null;
}

type RowMaker = (place: RowPlace, frame: RowsFrame) => RowLook;

/** Remembers the rows in sight: each call gives a look per row, the same one while nothing of it has changed. */
export function createRowLooks(): (places: readonly RowPlace[], frame: RowsFrame) => readonly RowLook[] {
  let known = new Map<string, RowMaker>();
  return (places, frame) => {
    const makers = new Map<string, RowMaker>();
    const looks = places.map((place) => {
      const maker = known.get(place.row.id) ?? createRowMaker();
      makers.set(place.row.id, maker);
      return maker(place, frame);
    });
    known = makers;
    return looks;
  };
}

function createRowMaker(): RowMaker {
  const visible = createVisible();
  let made: readonly unknown[] = [];
  let bars: readonly BarLook[] = [];
  let look: RowLook | null = null;
  let lastPlace: RowPlace | null = null;
  let lastFrame: RowsFrame | null = null;

  function barLooks(place: RowPlace, frame: RowsFrame): readonly BarLook[] {
    const placed = visible(place, frame);
    const { days, from, to, cursor } = frame;
    // Bars that begin before a quarter of the drawn days may come to begin out of sight. They lie by their start.
    const far = from + Math.ceil((to - from) / 4);
    const cut = placed.findLastIndex(({ bar }) => bar.from < far) + 1;
    const cursorId = cursor?.rowId === place.row.id ? cursor.barId : null;
    const next = [
      ...[placed, cut, cursorId, place.height, frame.inset, frame.cell, days.first, days.count],
      ...[frame.sprite, frame.pendingText, frame.selectedId, frame.liftedId],
    ];
    if (sameList(made, next)) return bars;
    made = next;
    bars = placed.map((one, at) => barLook(one, at < cut, cursorId, place, frame));
    return bars;
  }

  return (place, frame) => {
    if (look && lastFrame === frame && lastPlace && samePlace(lastPlace, place)) return look;
    lastPlace = place;
    lastFrame = frame;
    const { row, at, top, height } = place;
    const drawn = barLooks(place, frame);
    const crossing = drawn.find(({ left, width }) => left < frame.edge && left + width > frame.edge);
    const ghost = frame.placing?.rowId === row.id ? ghostLook(frame.placing, frame) : null;
    const refused = ghost !== null && frame.placing?.verdict?.ok === false;
    const cursor = frame.cursor?.rowId === row.id ? cursorLook(frame.cursor, frame) : null;
    const next: RowLook = {
      row,
      headId: `${frame.uid}-h-${row.id}`,
      sprite: frame.sprite,
      at,
      top,
      height,
      columns: 1 + frame.days.count,
      className: rowClass(place, ghost !== null, refused),
      bars: drawn,
      crossingId: crossing?.bar.id ?? null,
      room: crossing ? roomFor(crossing.bar, crossing.left + crossing.width - frame.edge) : null,
      refused,
      cursor: same(look?.cursor, cursor),
      ghost: same(look?.ghost, ghost),
    };
    look = same(look, next);
    return look;
  };
}

function samePlace(a: RowPlace, b: RowPlace): boolean {
  return (
    a.row === b.row &&
    a.bars === b.bars &&
    a.at === b.at &&
    a.top === b.top &&
    a.height === b.height &&
    a.hovered === b.hovered
  );
}

/** The bars of a row that are in sight: the same list while they are the same bars. */
function createVisible(): (place: RowPlace, frame: RowsFrame) => readonly PlacedBar[] {
  const keep = keepList<PlacedBar>();
  let asked: readonly unknown[] = [];
  let found: readonly PlacedBar[] = [];
  return ({ row, bars }, { from, to }) => {
    if (asked[0] === bars && asked[1] === from && asked[2] === to) return found;
    asked = [bars, from, to];
    found = keep(row.kind === 'bed' ? barsBetween(bars, from, to) : []);
    return found;
  };
}

function barLook(
  placed: PlacedBar,
  cut: boolean,
  cursorId: string | null,
  { height }: RowPlace,
  { uid, days, cell, inset, sprite, pendingText, selectedId, liftedId }: RowsFrame,
): BarLook {
  const { bar } = placed;
  const glyphs = cell >= 40;
  const selected = bar.id === selectedId;
  const stripe = placed.stripes > 1 ? stripeBox(placed, height, inset) : null;
  return {
    bar,
    sprite,
    pendingText,
    glyphs,
    selected,
    elementId: `${uid}-b-${bar.id}`,
    column: Math.max(0, bar.from - days.first) + 2,
    className: barClass(placed, {
      cut,
      glyphs,
      selected,
      lifted: bar.id === liftedId,
      cursor: bar.id === cursorId,
    }),
    ...barBox(bar.from, bar.to, days, cell),
    top: stripe?.top ?? null,
    height: stripe?.height ?? null,
  };
}

function rowClass({ row, hovered }: RowPlace, target: boolean, refused: boolean): string {
  let name = `tape-row is-${row.kind}`;
  if (row.firstOfRoom) name += ' is-first';
  if (hovered) name += ' is-hovered';
  if (target) name += ' is-target';
  if (refused) name += ' is-refused';
  return name;
}

function cursorLook({ rowId, day, barId, text }: RowCursor, { uid, days, cell }: RowsFrame): CursorLook {
  const column = day - days.first;
  return {
    elementId: `${uid}-c-${rowId}-${day}`,
    column: column + 2,
    className: barId === null ? 'tape-cursor' : 'tape-cursor on-bar',
    left: column * cell,
    width: cell,
    text,
  };
}

function ghostLook(placing: Placing, { days, cell, placingText }: RowsFrame): GhostLook {
  let className = 'tape-ghost is-cut';
  if (placing.verdict?.ok === false) className += ' is-refused';
  if (placing.verdict === null && placing.kind !== 'create') className += ' is-home';
  return { className, text: placingText, ...barBox(placing.from, placing.to, days, cell) };
}

/** The thing of before when the new one says the same. */
function same<T extends object | null>(before: T | null | undefined, next: T): T {
  if (!before || !next) return next;
  return sameList(Object.values(before), Object.values(next)) ? before : next;
}
