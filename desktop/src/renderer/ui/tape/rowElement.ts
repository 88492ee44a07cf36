/** A row of the chart as an element: its head, which stays at the left edge, its bars, the cursor and the shadow. */
import { barBrush, giveRoom, signOf, span } from './barElement.ts';
import type { BarLook } from './barLook.ts';
import type { TapeMark } from './model.ts';
import { createPainter, type Brush } from './painter.ts';
import type { CursorLook, GhostLook, RowLook } from './rowLooks.ts';
import type { Sprite } from './sprite.ts';

/** The parts of a row that change by themselves. */
interface Parts {
  readonly head: HTMLElement;
  readonly bars: HTMLElement;
  readonly drawBars: (host: Element, looks: readonly BarLook[]) => void;
  /** The bar whose name has less room than the bar. */
  fitted: HTMLElement | null;
  refused: HTMLElement | null;
  cursor: HTMLElement | null;
  ghost: HTMLElement | null;
}

const partsOf = new WeakMap<HTMLElement, Parts>();

/** How rows are drawn. */
export const rowBrush: Brush<RowLook> = {
  key: ({ row }) => row.id,

  make(look) {
    const element = document.createElement('div');
    element.role = 'row';
    const parts: Parts = {
      head: headOf(look),
      bars: div('tape-bars', 'presentation'),
      drawBars: createPainter(barBrush),
      fitted: null,
      refused: null,
      cursor: null,
      ghost: null,
    };
    partsOf.set(element, parts);
    element.append(parts.head, parts.bars);
    draw(element, parts, look, null);
    return element;
  },

  change(element, look, was) {
    const parts = partsOf.get(element);
    if (!parts) return;
    if (look.row !== was.row || look.sprite !== was.sprite) fillHead(parts.head, look);
    if (look.columns !== was.columns) spanHead(parts.head, look);
    draw(element, parts, look, was);
  },
};

/** Brings all but the head up to the look. */
function draw(element: HTMLElement, parts: Parts, look: RowLook, was: RowLook | null): void {
  if (look.className !== was?.className) element.className = look.className;
  if (look.at !== was?.at) element.ariaRowIndex = String(look.at);
  if (look.top !== was?.top) element.style.transform = `translateY(${look.top}px)`;
  if (look.height !== was?.height) element.style.height = `${look.height}px`;
  if (look.bars !== was?.bars) parts.drawBars(parts.bars, look.bars);
  if (look.bars !== was?.bars || look.crossingId !== was.crossingId || look.room !== was.room)
    fitCrossing(parts, look);
  if (look.refused !== (was?.refused ?? false)) {
    parts.refused?.remove();
    parts.refused = look.refused ? div('tape-refused', 'presentation') : null;
    if (parts.refused) parts.bars.before(parts.refused);
  }
  if (look.cursor !== (was?.cursor ?? null)) {
    parts.cursor?.remove();
    parts.cursor = look.cursor && cursorOf(look.cursor);
    if (parts.cursor) parts.bars.after(parts.cursor);
  }
  if (look.ghost !== (was?.ghost ?? null)) {
    parts.ghost?.remove();
    parts.ghost = look.ghost && ghostOf(look.ghost);
    if (parts.ghost) element.append(parts.ghost);
  }
}

function fitCrossing(parts: Parts, { bars, crossingId, room }: RowLook): void {
  const at = crossingId === null ? -1 : bars.findIndex(({ bar }) => bar.id === crossingId);
  const element = parts.bars.children[at];
  const next = element instanceof HTMLElement ? element : null;
  if (parts.fitted && parts.fitted !== next) giveRoom(parts.fitted, null);
  parts.fitted = next;
  if (next) giveRoom(next, room);
}

function div(className: string, role: string): HTMLElement {
  const element = document.createElement('div');
  element.className = className;
  element.role = role;
  return element;
}

function headOf(look: RowLook): HTMLElement {
  const head = div('tape-rowhead', 'rowheader');
  head.id = look.headId;
  head.ariaColIndex = '1';
  fillHead(head, look);
  spanHead(head, look);
  return head;
}

/** A heading stands over all days. */
function spanHead(head: HTMLElement, { row, columns }: RowLook): void {
  head.ariaColSpan = row.kind === 'group' ? String(columns) : null;
}

function fillHead(head: HTMLElement, { row, sprite }: RowLook): void {
  head.replaceChildren();
  if (row.kind === 'group') head.append(withText(span('tape-group'), row.label));
  else {
    const label = document.createElement('b');
    if (row.firstOfRoom === false) label.className = 'tape-hidden';
    head.append(withText(label, row.label));
    if (row.sublabel !== undefined && row.sublabel !== '')
      head.append(' ', withText(span('tape-sub'), row.sublabel));
  }
  if (row.marks) head.append(marksOf(row.marks, sprite));
}

function marksOf(marks: readonly TapeMark[], sprite: Sprite): HTMLElement {
  const element = span('tape-marks');
  for (const mark of marks) {
    const sign = span('');
    sign.title = mark.text;
    sign.append(signOf(mark, sprite), withText(span('tape-hidden'), mark.text));
    element.append(sign);
  }
  return element;
}

function withText(element: HTMLElement, text: string): HTMLElement {
  element.textContent = text;
  return element;
}

/** Made anew wherever it goes: a screen reader reads an active cell that it has not met. */
function cursorOf({ elementId, column, className, left, width, text }: CursorLook): HTMLElement {
  const element = div(className, 'gridcell');
  element.id = elementId;
  element.ariaLabel = text;
  element.ariaColIndex = String(column);
  element.style.left = `${left}px`;
  element.style.width = `${width}px`;
  return element;
}

function ghostOf({ className, left, width, text }: GhostLook): HTMLElement {
  const element = div(className, 'presentation');
  element.style.left = `${left}px`;
  element.style.width = `${width}px`;
  element.append(withText(span('tape-label'), text));
  return element;
}
