/** The cursor, what the keys do, and how a placing begins and ends. Draws nothing. */
import { moveCursor, rowOfPlace } from './keyboard.ts';
import type { CursorStep, TapeCommand, TapeCursor, TapeWalk, WalkView } from './keyboard.ts';
import { barOfCell } from './layout.ts';
import type { BarIndex } from './layout.ts';
import type { EpochDay, TapeBar, TapeDays, TapeIntent, TapeJudge, TapeRow, TapeTexts } from './model.ts';
import { createPlacing, shiftDays } from './placing.svelte.ts';
import type { Placing } from './placing.svelte.ts';
import type { TapeView } from './view.svelte.ts';

export interface ControllerSource {
  readonly walk: () => TapeWalk;
  readonly index: () => BarIndex;
  readonly bar: (id: string) => TapeBar | undefined;
  readonly days: () => TapeDays;
  readonly today: () => EpochDay;
  readonly texts: () => TapeTexts;
  readonly judge: () => TapeJudge | undefined;
  readonly selectedId: () => string | null;
  readonly canCreate: () => boolean;
  readonly view: TapeView;
  /** Puts the focus on the chart. */
  readonly focus: () => void;
  readonly select: (bar: TapeBar | null, rowId: string, day: EpochDay) => void;
  readonly open: (bar: TapeBar) => void;
  /** Asks for the menu of what the cursor is on. */
  readonly menu: (bar: TapeBar | null, rowId: string, day: EpochDay) => void;
  readonly zoom: (step: -1 | 1) => void;
  readonly intent: (intent: TapeIntent) => void;
}

const SIDEWAYS: Readonly<Partial<Record<CursorStep, number>>> = {
  left: -1,
  right: 1,
  weekBack: -7,
  weekOn: 7,
};
/** Steps that choose no other row. */
const ALONG: ReadonlySet<CursorStep> = new Set(['rowStart', 'rowEnd', 'today']);

/** The intent that a placing would become on a row. */
export function intentOf(now: Placing, rowId: string): TapeIntent {
  const place = { rowId, from: now.from, to: now.to };
  if (now.kind === 'create' || !now.bar) return { kind: 'create', ...place };
  return { kind: now.kind, barId: now.bar.id, ...place };
}

export function createController(source: ControllerSource) {
  const { view } = source;
  const placing = createPlacing(source.judge);
  let cursor = $state.raw<TapeCursor | null>(null);
  let byKeys = $state(false);
  let refusal = $state.raw<Placing | null>(null);
  let said = $state('');

  const walk = $derived(source.walk());
  const at = $derived.by((): TapeCursor | null => {
    if (cursor && walk.places.has(cursor.rowId)) return cursor;
    const first = rowOfPlace(walk, 0);
    const { first: start, count } = source.days();
    const day = Math.max(start, Math.min(source.today(), start + count - 1));
    return first ? { rowId: first.id, day, slot: 0 } : null;
  });
  const atLane = $derived(at !== null && isLane(at.rowId));
  const atBar = $derived.by((): TapeBar | null => {
    if (!at) return null;
    const bars = source.index().get(at.rowId);
    return atLane ? (bars?.placed[at.slot]?.bar ?? null) : barOfCell(bars, at.day);
  });
  const shown = $derived(placing.current ?? refusal);

  function isLane(rowId: string): boolean {
    return (walk.places.get(rowId) ?? 0) >= walk.stops.length;
  }

  function rowOf(rowId: string): TapeRow | undefined {
    const place = walk.places.get(rowId);
    return place === undefined ? undefined : rowOfPlace(walk, place);
  }

  function wordsOf(now: Placing | null): string {
    const row = now?.rowId === null || !now ? undefined : rowOf(now.rowId);
    return now && row ? source.texts().target(intentOf(now, row.id), row) : '';
  }

  function walkView(): WalkView {
    return {
      days: source.days(),
      today: source.today(),
      page: Math.max(1, Math.floor(view.bodyHeight / view.sizes.row) - 1),
      chips: (laneId) => source.index().get(laneId)?.placed.length ?? 0,
    };
  }

  function reveal(rowId: string, day: EpochDay): void {
    if (!isLane(rowId)) view.showRow(rowId);
    view.showDay(day);
  }

  function slotOf(bar: TapeBar): number {
    const bars = source.index().get(bar.rowId)?.placed ?? [];
    return isLane(bar.rowId)
      ? Math.max(
          0,
          bars.findIndex((item) => item.bar.id === bar.id),
        )
      : 0;
  }

  function begin(
    kind: Placing['kind'],
    bar: TapeBar | null,
    rowId: string,
    day: EpochDay,
    end: 'start' | 'end',
  ) {
    refusal = null;
    said = '';
    const [from, to] = bar ? [bar.from, bar.to] : [day, day + 1];
    placing.begin({ kind, by: 'keyboard', bar, end, rowId, from, to });
    byKeys = true;
    source.focus();
  }

  function finish(): void {
    const words = wordsOf(placing.current);
    const day = at?.day ?? source.today();
    const result = placing.drop();
    if (result.kind === 'refused' && !placing.current) refusal = result.placing;
    if (result.kind !== 'intent') return;
    const { intent } = result;
    // The cursor goes along, on the day it was on as far as the bar has that day.
    if (!isLane(intent.rowId)) {
      cursor = { rowId: intent.rowId, day: Math.max(intent.from, Math.min(day, intent.to - 1)), slot: 0 };
      if (byKeys) reveal(cursor.rowId, cursor.day);
    }
    said = words;
    source.intent(intent);
  }

  function cancel(): void {
    if (!placing.current) return;
    placing.cancel();
    said = source.texts().cancelled;
  }

  function step(name: CursorStep): void {
    if (!at) return;
    said = '';
    const { from, to } = view.range;
    cursor = moveCursor(walk, at, name, walkView());
    // Today with its days ahead: that is what somebody comes back for.
    if (name === 'today' && !(from <= cursor.day && cursor.day < to)) view.showDay(cursor.day, true);
    else reveal(cursor.rowId, cursor.day);
  }

  /** The row an arrow leads to. From a lane the way up leads to what is in sight, not to the last row of the house. */
  function targetRow(from: string, day: EpochDay, name: CursorStep): string {
    const { rowId } = moveCursor(walk, { rowId: from, day, slot: 0 }, name, walkView());
    const seen = view.range.lastRowId;
    const enters = isLane(from) && name === 'up' && !isLane(rowId);
    return enters && seen !== null && walk.places.has(seen) ? seen : rowId;
  }

  /** While placing an arrow moves the target: up and down the bed, left and right the day. */
  function stepTarget(now: Placing, name: CursorStep): void {
    const from = now.rowId ?? now.bar?.rowId;
    if (from === undefined) return;
    const sideways = SIDEWAYS[name];
    if (sideways !== undefined) {
      const next = shiftDays(now, sideways);
      placing.aim(from, next.from, next.to);
      view.showDay(
        now.kind === 'move' || (now.kind === 'resize' && now.end === 'start') ? next.from : next.to,
      );
      return;
    }
    if (now.kind === 'resize' || ALONG.has(name)) return;
    const rowId = targetRow(from, now.from, name);
    if (now.kind === 'create' && isLane(rowId)) return;
    placing.aim(rowId, now.from, now.to);
    if (!isLane(rowId)) view.showRow(rowId);
  }

  /** Moves a bar's end by one day at once, unless that is refused. */
  function resizeBy(end: 'start' | 'end', by: -1 | 1): void {
    const bar = atBar;
    if (!bar || atLane || !(end === 'end' ? bar.resizableEnd : bar.resizableStart)) return;
    begin('resize', bar, bar.rowId, bar.from, end);
    if (!placing.current) return;
    const next = shiftDays(placing.current, by);
    placing.aim(bar.rowId, next.from, next.to);
    const aimed = placing.current;
    if (aimed.verdict?.ok === false) {
      refusal = aimed;
      placing.cancel();
    } else {
      finish();
    }
  }

  function enter(): void {
    if (!at) return;
    if (placing.current) finish();
    else if (atBar) source.open(atBar);
    else if (!atLane && source.canCreate()) begin('create', null, at.rowId, at.day, 'end');
  }

  /** Takes back one thing; false when there is nothing, so that the key can serve others. */
  function escape(): boolean {
    if (placing.current) cancel();
    else if (refusal) refusal = null;
    else if (source.selectedId() !== null && at) source.select(null, at.rowId, at.day);
    else return false;
    return true;
  }

  return {
    placing,
    isLane,
    rowOf,
    wordsOf,
    begin,
    finish,
    cancel,
    slotOf,

    /** The cursor; its row is one that exists. */
    get at() {
      return at;
    },
    get atLane() {
      return atLane;
    },
    get atBar() {
      return atBar;
    },
    /** The cursor is drawn while the keyboard leads, not while the mouse does. */
    get byKeys() {
      return byKeys;
    },
    set byKeys(value: boolean) {
      byKeys = value;
    },
    /** What is being placed, or the refusal that was met last: it outlives its drop so that it can be read. */
    get shown() {
      return shown;
    },
    get refusal() {
      return refusal;
    },
    get said() {
      return said;
    },

    forgetRefusal(): void {
      refusal = null;
    },

    /** Puts the cursor on a cell, or in a lane on a bar's chip. */
    put(bar: TapeBar | null, rowId: string, day: EpochDay): void {
      if (isLane(rowId)) cursor = { rowId, day: at?.day ?? day, slot: bar ? slotOf(bar) : 0 };
      else cursor = { rowId, day, slot: 0 };
    },

    /** Puts focus and cursor on a bar and brings it into sight. */
    focusBar(bar: TapeBar): void {
      if (!walk.places.has(bar.rowId)) return;
      const seen = view.range;
      const inSight = Math.max(bar.from, seen.from) < Math.min(bar.to, seen.to);
      const day = inSight ? Math.max(bar.from, seen.from) : bar.from;
      cursor = { rowId: bar.rowId, day, slot: slotOf(bar) };
      byKeys = true;
      reveal(bar.rowId, day);
      source.focus();
    },

    /** Carries out a key's command; false leaves the key to others. */
    obey(command: TapeCommand): boolean {
      const now = placing.current;
      if (now && !['step', 'enter', 'cancel', 'zoom'].includes(command.kind)) return true;
      switch (command.kind) {
        case 'step':
          if (now?.by === 'keyboard') stepTarget(now, command.step);
          else if (!now) step(command.step);
          return true;
        case 'zoom':
          source.zoom(command.step);
          return true;
        case 'resize':
          resizeBy(command.end, command.days);
          return true;
        case 'enter':
          enter();
          return true;
        case 'select':
          if (at) source.select(atBar, at.rowId, at.day);
          return true;
        case 'move':
          if (atBar?.movable && at) begin('move', atBar, at.rowId, at.day, 'end');
          return true;
        case 'menu':
          if (at) source.menu(atBar, at.rowId, at.day);
          return true;
        case 'cancel':
          return escape();
      }
    },
  };
}

export type TapeController = ReturnType<typeof createController>;
