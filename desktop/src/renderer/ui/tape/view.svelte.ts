/** What is in sight: size, scroll position, the rows and days that are drawn, and how to scroll elsewhere. */
import { on } from 'svelte/events';
import { HEAD_HEIGHT, SIZES, cellWidth, dayWindow, rowAt, rowTops, rowWindow, scrollInto } from './layout.ts';
import type { TapeFrame } from './hit.ts';
import type { EpochDay, TapeDays, TapeDensity, TapeRange, TapeRow } from './model.ts';

/** Pixels of rows that are drawn beyond both edges, so that a fast wheel meets no emptiness. */
const SLACK = 192;
/** So long after the last scroll the chart counts as resting. */
const SETTLE_MS = 90;
/** Days before today at the left edge when the chart opens. */
const LEAD_DAYS = 3;

export interface ViewSource {
  readonly rows: () => readonly TapeRow[];
  readonly days: () => TapeDays;
  readonly today: () => EpochDay;
  readonly density: () => TapeDensity;
  readonly zoom: () => number;
  readonly headWidth: () => number;
  /** How high the foot will about be, for the first picture. */
  readonly footGuess: () => number;
  /** A day that stays where it is when the width of a day changes; `null` leaves the left edge where it is. */
  readonly focusDay: () => EpochDay | null;
}

export function createView(source: ViewSource) {
  let scroller: HTMLElement | null = null;
  let width = $state(0);
  let height = $state(0);
  let left = $state(0);
  let top = $state(0);
  let footHeight = $state(0);
  /** False for the first picture, which draws only what is seen; the surroundings follow when it stands. */
  let ahead = $state(false);
  /** Where sight began when the chart last rested. */
  let edge = $state(0);

  const sizes = $derived(SIZES[source.density()]);
  const tops = $derived(rowTops(source.rows(), sizes));
  const space = $derived(Math.max(0, width - source.headWidth()));
  const cell = $derived(cellWidth(space, source.zoom()));
  const bodyHeight = $derived(Math.max(0, height - HEAD_HEIGHT - footHeight));
  const rowSpan = $derived(rowWindow(tops, top, bodyHeight, ahead ? SLACK : 0));
  const daySpan = $derived(dayWindow(source.days(), left, space, cell, ahead));
  const firstRow = $derived(rowSpan[0]);
  const endRow = $derived(rowSpan[1]);
  const fromDay = $derived(daySpan[0]);
  const toDay = $derived(daySpan[1]);
  const topRow = $derived(rowAt(tops, top));

  /** The place that is kept when cells or rows change their size or the days begin elsewhere. */
  let kept = { day: 0, rowId: '', offset: 0, cell: 0 };
  /** To scroll lays the page out: the first picture is drawn whole before that is asked for. */
  let begun = false;

  function keep(): void {
    const row = source.rows()[topRow];
    const first = source.days().first;
    kept = { day: first + left / cell, rowId: row?.id ?? '', offset: top - (tops[topRow] ?? 0), cell };
  }

  function moveTo(x: number, y: number): void {
    if (!scroller) return;
    scroller.scrollLeft = x;
    scroller.scrollTop = y;
    left = scroller.scrollLeft;
    top = scroller.scrollTop;
    edge = left;
    keep();
  }

  /** Puts the kept day and row back to their places after zoom, density, days or rows have changed. */
  function restore(): void {
    if (!scroller || width === 0 || !begun) return;
    const { first, count } = source.days();
    const row = rowIndex(kept.rowId);
    const y = row === -1 ? scroller.scrollTop : (tops[row] ?? 0) + Math.min(kept.offset, sizes.row - 1);
    let x = (kept.day - first) * cell;
    const focus = source.focusDay();
    if (kept.cell > 0 && kept.cell !== cell && focus !== null) {
      const was = (focus - kept.day) * kept.cell;
      if (was >= 0 && was < space) x = (focus - first) * cell - Math.min(was, space - cell);
    }
    moveTo(Math.max(0, Math.min(x, count * cell)), y);
  }

  function rowIndex(id: string): number {
    return source.rows().findIndex((row) => row.id === id);
  }

  return {
    get width() {
      return width;
    },
    get height() {
      return height;
    },
    get left() {
      return left;
    },
    get top() {
      return top;
    },
    get sizes() {
      return sizes;
    },
    get tops() {
      return tops;
    },
    get cell() {
      return cell;
    },
    get firstRow() {
      return firstRow;
    },
    get endRow() {
      return endRow;
    },
    get fromDay() {
      return fromDay;
    },
    get toDay() {
      return toDay;
    },
    /**
     * Where sight begins, in pixels from the first day, as long as the chart rests: the names of bars that began before
     * are fitted into what is left of them then. While it moves they are pushed out, which lays nothing out.
     */
    get edge() {
      return edge;
    },
    get topRow() {
      return topRow;
    },
    get bodyHeight() {
      return bodyHeight;
    },
    get footHeight() {
      return footHeight;
    },
    set footHeight(value: number) {
      footHeight = value;
    },

    /** What is in sight, for the caller's headings and queries. */
    get range(): TapeRange {
      const { first, count } = source.days();
      const start = first + Math.floor(left / cell + 0.5);
      const rows = source.rows();
      return {
        from: start,
        to: Math.min(first + count, start + Math.max(1, Math.floor(space / cell))),
        firstRowId: rows[topRow]?.id ?? null,
        lastRowId: rows[rowAt(tops, top + bodyHeight - 1)]?.id ?? null,
      };
    },

    /** The chart at this very moment, ahead of what is drawn when a scroll has just happened. */
    frame(): TapeFrame {
      return {
        width,
        height,
        headWidth: source.headWidth(),
        headHeight: HEAD_HEIGHT,
        footHeight,
        scrollLeft: scroller?.scrollLeft ?? 0,
        scrollTop: scroller?.scrollTop ?? 0,
        cell,
        inset: sizes.inset,
        days: source.days(),
        tops,
      };
    },

    /** Takes the scrolling element; returns how to let it go. */
    attach(element: HTMLElement): () => void {
      scroller = element;
      width = element.clientWidth;
      height = element.clientHeight;
      footHeight = source.footGuess();
      const { first, count } = source.days();
      const start = Math.max(0, Math.min(source.today() - LEAD_DAYS - first, count - 1));
      const day = cellWidth(space, source.zoom());
      left = Math.max(0, Math.min(start * day, count * day - space));
      edge = left;
      kept = { ...kept, day: first + left / day };
      queueMicrotask(() => {
        begun = true;
        restore();
      });

      let asked = requestAnimationFrame(() => {
        asked = requestAnimationFrame(() => {
          asked = 0;
          ahead = true;
        });
      });
      let settle: ReturnType<typeof setTimeout> | undefined;
      const follow = (): void => {
        asked = 0;
        const [x, y] = [element.scrollLeft, element.scrollTop];
        // A leap (a dragged scroll bar) draws only where it lands; the surroundings follow when it rests.
        const leap = Math.abs(y - top) > bodyHeight / 2 || Math.abs(x - left) > space / 2;
        clearTimeout(settle);
        settle = setTimeout(() => {
          ahead = true;
          edge = left;
        }, SETTLE_MS);
        ahead = !leap;
        left = x;
        top = y;
        keep();
      };
      const stopScroll = on(
        element,
        'scroll',
        () => {
          if (!asked) asked = requestAnimationFrame(follow);
        },
        { passive: true },
      );
      const observer = new ResizeObserver(() => {
        width = element.clientWidth;
        height = element.clientHeight;
      });
      observer.observe(element);
      return () => {
        stopScroll();
        observer.disconnect();
        cancelAnimationFrame(asked);
        clearTimeout(settle);
        scroller = null;
        begun = false;
      };
    },

    restore,

    /** Scrolls as little as is needed to see the row. */
    showRow(id: string): void {
      const row = rowIndex(id);
      if (row === -1 || !scroller) return;
      const start = (tops[row] ?? 0) - scroller.scrollTop;
      const end = (tops[row + 1] ?? 0) - scroller.scrollTop;
      const by = scrollInto(start, end, bodyHeight);
      // A group's heading comes along with its first row.
      const heading = by < 0 && source.rows()[row - 1]?.kind === 'group' ? sizes.group : 0;
      if (by !== 0) moveTo(scroller.scrollLeft, scroller.scrollTop + by - heading);
    },

    /** Scrolls as little as is needed to see the day, or puts it near the left edge. */
    showDay(day: EpochDay, atLeft = false): void {
      if (!scroller) return;
      const x = (day - source.days().first) * cell;
      const by = scrollInto(x - scroller.scrollLeft, x + cell - scroller.scrollLeft, space);
      if (atLeft) moveTo(x - LEAD_DAYS * cell, scroller.scrollTop);
      else if (by !== 0) moveTo(scroller.scrollLeft + by, scroller.scrollTop);
    },
  };
}

export type TapeView = ReturnType<typeof createView>;
