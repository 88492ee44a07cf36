/** Mouse, pen and touch on the tape chart. One set of listeners on the chart; what is hit is calculated. */
import { on } from 'svelte/events';
import { barAt, edgeScroll, hitAt } from './hit.ts';
import type { BarHit, BarPart, TapeFrame, TapeHit } from './hit.ts';
import type { RowBars } from './layout.ts';
import type { EpochDay, TapeBar, TapeRow } from './model.ts';
import type { PlacingState } from './placing.svelte.ts';

/** Pixels that tell a drag from a click, and the stillness and time that make a touch a drag. */
const DRAG_PX = 4;
const TOUCH_PX = 10;
const LONG_PRESS_MS = 400;

export interface PointerHost {
  readonly scroller: HTMLElement;
  readonly placing: PlacingState;
  readonly frame: () => TapeFrame;
  readonly row: (index: number) => TapeRow | undefined;
  readonly bars: (rowId: string) => RowBars | undefined;
  readonly bar: (id: string) => TapeBar | undefined;
  readonly press: () => void;
  readonly click: (bar: TapeBar | null, rowId: string, day: EpochDay) => void;
  readonly open: (bar: TapeBar | null, rowId: string, day: EpochDay) => void;
  readonly menu: (bar: TapeBar | null, rowId: string, day: EpochDay, x: number, y: number) => void;
  readonly hover: (hit: TapeHit | null, bar: BarHit | null) => void;
  /** The pointer's place from the chart's left edge, while something is dragged. */
  readonly moved: (x: number) => void;
  readonly drop: () => void;
  readonly cancel: () => void;
}

interface Press {
  readonly id: number;
  readonly touch: boolean;
  readonly x: number;
  readonly y: number;
  readonly bar: TapeBar | null;
  readonly part: BarPart | 'chip';
  readonly rowId: string;
  readonly day: EpochDay;
  timer: ReturnType<typeof setTimeout> | undefined;
}

interface Spot {
  readonly hit: TapeHit;
  readonly bar: BarHit | null;
  /** The chip's bar when the point is on a chip. */
  readonly chip: TapeBar | null;
  readonly rowId: string | null;
}

/** Listens on the chart until the returned function is called. */
export function listenPointer(host: PointerHost): () => void {
  const { scroller, placing } = host;
  let press: Press | null = null;
  let dragging = false;
  let last = { x: 0, y: 0 };
  let frameAsked = 0;

  function spotAt(clientX: number, clientY: number, target: EventTarget | null): Spot {
    const box = scroller.getBoundingClientRect();
    const frame = host.frame();
    const hit = hitAt(frame, clientX - box.left, clientY - box.top);
    const element = target instanceof Element ? target : null;
    const lane = element?.closest<HTMLElement>('[data-lane]')?.dataset['lane'];
    const chipId = element?.closest<HTMLElement>('[data-chip]')?.dataset['chip'];
    if (lane !== undefined) {
      return { hit, bar: null, chip: (chipId !== undefined && host.bar(chipId)) || null, rowId: lane };
    }
    const row = host.row(hit.row);
    const bed = hit.zone === 'cells' && row?.kind === 'bed' ? row : undefined;
    const bar = bed ? barAt(frame, host.bars(bed.id), hit) : null;
    return { hit, bar, chip: null, rowId: bed?.id ?? null };
  }

  function aim(): void {
    const now = placing.current;
    if (!now) return;
    host.moved(last.x - scroller.getBoundingClientRect().left);
    const spot = spotAt(last.x, last.y, document.elementFromPoint(last.x, last.y));
    const { day } = spot.hit;
    if (now.kind === 'create') {
      const start = press?.day ?? now.from;
      placing.aim(now.rowId, Math.min(start, day), Math.max(start + 1, day));
    } else if (now.kind === 'resize') {
      if (now.end === 'start') placing.aim(now.rowId, Math.min(day, now.to - 1), now.to);
      else placing.aim(now.rowId, now.from, Math.max(day, now.from + 1));
    } else if (now.bar) {
      // A parked bar keeps its days: what is chosen is a bed. So does one on its way into a lane, and one that
      // is placed by a click, where the keys choose the days.
      const keeps = press?.part === 'chip' || spot.hit.zone === 'foot';
      const shift = press && !keeps ? day - press.day : 0;
      const base = press ? now.bar : now;
      placing.aim(spot.rowId, base.from + shift, base.to + shift);
    }
  }

  function scrollAtEdge(): void {
    frameAsked = 0;
    if (!dragging || !placing.current) return;
    const box = scroller.getBoundingClientRect();
    const by = edgeScroll(host.frame(), last.x - box.left, last.y - box.top);
    if (by.x !== 0 || by.y !== 0) {
      const before = scroller.scrollLeft + scroller.scrollTop;
      scroller.scrollLeft += by.x;
      scroller.scrollTop += by.y;
      if (before !== scroller.scrollLeft + scroller.scrollTop) aim();
    }
    frameAsked = requestAnimationFrame(scrollAtEdge);
  }

  function beginDrag(): void {
    if (!press) return;
    const { bar, part, rowId, day } = press;
    if (bar && (part === 'start' || part === 'end')) {
      placing.begin({ kind: 'resize', by: 'pointer', bar, end: part, rowId, from: bar.from, to: bar.to });
    } else if (bar?.movable) {
      placing.begin({ kind: 'move', by: 'pointer', bar, end: 'end', rowId, from: bar.from, to: bar.to });
    } else if (!bar && part === 'body') {
      placing.begin({ kind: 'create', by: 'pointer', bar: null, end: 'end', rowId, from: day, to: day + 1 });
    } else {
      return;
    }
    dragging = true;
    host.hover(null, null);
    scroller.setPointerCapture(press.id);
    scroller.dataset['drag'] = placing.current?.kind ?? '';
    if (!frameAsked) frameAsked = requestAnimationFrame(scrollAtEdge);
    aim();
  }

  function endPress(): void {
    if (press?.timer) clearTimeout(press.timer);
    press = null;
    dragging = false;
    delete scroller.dataset['drag'];
  }

  function down(event: PointerEvent): void {
    if (event.button !== 0 || press) return;
    host.press();
    last = { x: event.clientX, y: event.clientY };
    if (placing.current) {
      // Something is being placed by keyboard or menu: a plain click chooses the place (WCAG 2.5.7).
      aim();
      host.drop();
      event.preventDefault();
      return;
    }
    const spot = spotAt(event.clientX, event.clientY, event.target);
    if (spot.rowId === null) return;
    const touch = event.pointerType === 'touch';
    press = {
      id: event.pointerId,
      touch,
      x: event.clientX,
      y: event.clientY,
      bar: spot.chip ?? spot.bar?.bar ?? null,
      part: spot.hit.zone === 'foot' ? 'chip' : (spot.bar?.part ?? 'body'),
      rowId: spot.rowId,
      day: spot.hit.day,
      timer: touch ? setTimeout(beginDrag, LONG_PRESS_MS) : undefined,
    };
  }

  function move(event: PointerEvent): void {
    last = { x: event.clientX, y: event.clientY };
    // What the keyboard places is aimed by keys and clicks, never by a mouse that was only pushed.
    if (dragging) aim();
    if (dragging || placing.current) return;
    if (press) {
      const far = Math.hypot(event.clientX - press.x, event.clientY - press.y);
      if (!press.touch && far > DRAG_PX) beginDrag();
      if (press.touch && far > TOUCH_PX) endPress();
      return;
    }
    if (event.pointerType === 'touch') return;
    const spot = spotAt(event.clientX, event.clientY, event.target);
    host.hover(spot.hit, spot.bar);
  }

  function up(event: PointerEvent): void {
    if (press?.id !== event.pointerId) return;
    const { bar, rowId, day } = press;
    const wasDragging = dragging;
    endPress();
    if (!wasDragging) {
      host.click(bar, rowId, day);
      return;
    }
    if (placing.current?.rowId === null) host.cancel();
    else if (placing.current) host.drop();
  }

  function abort(): void {
    const wasDragging = dragging;
    endPress();
    if (wasDragging && placing.current) host.cancel();
  }

  function at(event: MouseEvent, act: (bar: TapeBar | null, rowId: string, day: EpochDay) => void): void {
    const spot = spotAt(event.clientX, event.clientY, event.target);
    if (spot.rowId !== null) act(spot.chip ?? spot.bar?.bar ?? null, spot.rowId, spot.hit.day);
  }

  const off = [
    on(scroller, 'pointerdown', down),
    on(scroller, 'pointermove', move),
    on(scroller, 'pointerup', up),
    on(scroller, 'pointercancel', abort),
    on(scroller, 'lostpointercapture', abort),
    on(scroller, 'pointerleave', () => {
      if (!dragging) host.hover(null, null);
    }),
    on(scroller, 'dblclick', (event) => {
      at(event, host.open);
    }),
    on(scroller, 'contextmenu', (event) => {
      event.preventDefault();
      // The Menu key is answered by the keyboard, which knows the cursor.
      if (dragging || event.button !== 2) return;
      at(event, (bar, rowId, day) => {
        host.menu(bar, rowId, day, event.clientX, event.clientY);
      });
    }),
    // Once a long press has begun a drag the page must not scroll away under it.
    on(
      scroller,
      'touchmove',
      (event) => {
        if (dragging) event.preventDefault();
      },
      { passive: false },
    ),
  ];
  return () => {
    endPress();
    cancelAnimationFrame(frameAsked);
    for (const stop of off) stop();
  };
}
