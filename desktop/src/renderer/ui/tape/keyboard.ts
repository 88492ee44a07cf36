/** Keys and the cursor of the tape chart: which key means what, and where the cursor goes. Pure. */
import type { EpochDay, TapeDays, TapeRow } from './model.ts';

export type CursorStep =
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'weekBack'
  | 'weekOn'
  | 'groupUp'
  | 'groupDown'
  | 'rowStart'
  | 'rowEnd'
  | 'gridStart'
  | 'gridEnd'
  | 'pageUp'
  | 'pageDown'
  | 'today';

export type TapeCommand =
  | { readonly kind: 'step'; readonly step: CursorStep }
  | { readonly kind: 'resize'; readonly end: 'start' | 'end'; readonly days: -1 | 1 }
  | { readonly kind: 'zoom'; readonly step: -1 | 1 }
  | { readonly kind: 'enter' | 'select' | 'move' | 'menu' | 'cancel' };

/** What is read of a KeyboardEvent. */
export interface KeyLike {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const step = (name: CursorStep): TapeCommand => ({ kind: 'step', step: name });

const PLAIN: Readonly<Record<string, TapeCommand>> = {
  ArrowLeft: step('left'),
  ArrowRight: step('right'),
  ArrowUp: step('up'),
  ArrowDown: step('down'),
  Home: step('rowStart'),
  End: step('rowEnd'),
  PageUp: step('pageUp'),
  PageDown: step('pageDown'),
  Enter: { kind: 'enter' },
  ' ': { kind: 'select' },
  Escape: { kind: 'cancel' },
  ContextMenu: { kind: 'menu' },
  m: { kind: 'move' },
  t: step('today'),
  '[': { kind: 'resize', end: 'end', days: -1 },
  ']': { kind: 'resize', end: 'end', days: 1 },
  '{': { kind: 'resize', end: 'start', days: -1 },
  '}': { kind: 'resize', end: 'start', days: 1 },
  '+': { kind: 'zoom', step: -1 },
  '=': { kind: 'zoom', step: -1 },
  '-': { kind: 'zoom', step: 1 },
};

const WITH_CONTROL: Readonly<Record<string, TapeCommand>> = {
  ArrowLeft: step('weekBack'),
  ArrowRight: step('weekOn'),
  ArrowUp: step('groupUp'),
  ArrowDown: step('groupDown'),
  Home: step('gridStart'),
  End: step('gridEnd'),
};

/** Places of keys for layouts whose letters are not Latin (Russian). */
const BY_PLACE: Readonly<Record<string, string>> = {
  KeyM: 'm',
  KeyT: 't',
  BracketLeft: '[',
  BracketRight: ']',
};

/** The command of a key, `null` when the chart leaves the key to others. */
export function commandOf(event: KeyLike): TapeCommand | null {
  if (event.altKey || event.metaKey) return null;
  if (event.ctrlKey) return event.shiftKey ? null : (WITH_CONTROL[event.key] ?? null);
  if (event.key === 'F10') return event.shiftKey ? { kind: 'menu' } : null;
  const foreign = event.key.length === 1 && event.key.charCodeAt(0) > 0x24f;
  const key = foreign
    ? (BY_PLACE[event.code] ?? '')
    : event.key.length === 1
      ? event.key.toLowerCase()
      : event.key;
  return PLAIN[key] ?? null;
}

/** Where the cursor is. In a lane `slot` counts the chips; on a bed `day` is the column. */
export interface TapeCursor {
  readonly rowId: string;
  readonly day: EpochDay;
  readonly slot: number;
}

/** The rows as the cursor walks them. */
export interface TapeWalk {
  readonly rows: readonly TapeRow[];
  readonly lanes: readonly TapeRow[];
  /** Indices in `rows` of the rows that take the cursor. */
  readonly stops: readonly number[];
  /** For each stop the first stop of its group. */
  readonly groupStarts: readonly number[];
  /** Row id → place among the stops; lanes follow after the last stop. */
  readonly places: ReadonlyMap<string, number>;
}

/** Prepares the rows for {@link moveCursor}. */
export function walkOf(rows: readonly TapeRow[], lanes: readonly TapeRow[]): TapeWalk {
  const stops: number[] = [];
  const groupStarts: number[] = [];
  const places = new Map<string, number>();
  let groupStart = 0;
  rows.forEach((row, index) => {
    if (row.kind === 'group') {
      groupStart = stops.length;
      return;
    }
    places.set(row.id, stops.length);
    groupStarts.push(groupStart);
    stops.push(index);
  });
  lanes.forEach((lane, index) => places.set(lane.id, stops.length + index));
  return { rows, lanes, stops, groupStarts, places };
}

/** The row at a place: a stop, or a lane after the last stop. */
export function rowOfPlace(walk: TapeWalk, place: number): TapeRow | undefined {
  const index = walk.stops[place];
  return index === undefined ? walk.lanes[place - walk.stops.length] : walk.rows[index];
}

export interface WalkView {
  readonly days: TapeDays;
  readonly today: EpochDay;
  /** Rows per page. */
  readonly page: number;
  /** Chips of a lane. */
  readonly chips: (laneId: string) => number;
}

const DAY_STEPS: Readonly<Partial<Record<CursorStep, number>>> = {
  left: -1,
  right: 1,
  weekBack: -7,
  weekOn: 7,
};

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}

function groupPlace(walk: TapeWalk, place: number, down: boolean): number {
  const bottom = walk.stops.length;
  if (place >= bottom) return down ? place + 1 : (walk.groupStarts[bottom - 1] ?? place - 1);
  const own = walk.groupStarts[place] ?? 0;
  if (!down) return place > own ? own : (walk.groupStarts[place - 1] ?? 0);
  const next = walk.groupStarts.findIndex((start, index) => index > place && start !== own);
  return next === -1 ? bottom : next;
}

function nextPlace(walk: TapeWalk, place: number, name: CursorStep, page: number): number {
  const bottom = walk.stops.length - 1;
  switch (name) {
    case 'up':
      return place - 1;
    case 'down':
      return place + 1;
    case 'pageUp':
      return Math.min(place, bottom) - page;
    case 'pageDown':
      return place > bottom ? place : Math.min(place + page, bottom);
    case 'groupUp':
      return groupPlace(walk, place, false);
    case 'groupDown':
      return groupPlace(walk, place, true);
    case 'gridStart':
      return 0;
    case 'gridEnd':
      return bottom;
    default:
      return place;
  }
}

function nextDay(cursor: TapeCursor, name: CursorStep, view: WalkView): EpochDay {
  const last = view.days.first + view.days.count - 1;
  if (name === 'today') return clamp(view.today, view.days.first, last);
  if (name === 'rowStart' || name === 'gridStart') return view.days.first;
  if (name === 'rowEnd' || name === 'gridEnd') return last;
  return clamp(cursor.day + (DAY_STEPS[name] ?? 0), view.days.first, last);
}

function nextSlot(slot: number, name: CursorStep, chips: number): number {
  const last = Math.max(0, chips - 1);
  if (name === 'rowStart') return 0;
  if (name === 'rowEnd') return last;
  return clamp(slot + (name === 'left' ? -1 : name === 'right' ? 1 : 0), 0, last);
}

/**
 * The cursor after a step. It never leaves rows, lanes or days; on a lane left and right walk along the chips and
 * the day stays, so that going back up returns to the same column.
 */
export function moveCursor(walk: TapeWalk, cursor: TapeCursor, name: CursorStep, view: WalkView): TapeCursor {
  const count = walk.stops.length + walk.lanes.length;
  if (count === 0) return cursor;
  const place = clamp(walk.places.get(cursor.rowId) ?? 0, 0, count - 1);
  const target = clamp(nextPlace(walk, place, name, view.page), 0, count - 1);
  const row = rowOfPlace(walk, target);
  if (!row) return cursor;
  if (row.kind !== 'lane') return { rowId: row.id, day: nextDay(cursor, name, view), slot: 0 };
  const slot = target === place ? nextSlot(cursor.slot, name, view.chips(row.id)) : 0;
  return { rowId: row.id, day: cursor.day, slot };
}
