/** A bar of the chart as an element, and what stands inside a bar or a chip: signs, name, the violet mark. */
import ClockAlert from '@lucide/svelte/icons/clock-alert';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import type { BarInside, BarLook } from './barLook.ts';
import type { TapeMark } from './model.ts';
import type { Brush } from './painter.ts';
import type { Sprite } from './sprite.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** An empty span. */
export function span(className: string): HTMLElement {
  const element = document.createElement('span');
  element.className = className;
  return element;
}

/** One sign: a reference into the sprite when it has an icon, otherwise its letters. */
export function signOf({ icon, short }: TapeMark, sprite: Sprite): Element {
  if (!icon) {
    const letters = span('tape-short');
    letters.ariaHidden = 'true';
    letters.textContent = short ?? '';
    return letters;
  }
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'tape-icon');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#${sprite.get(icon) ?? ''}`);
  svg.append(use);
  return svg;
}

function edgeOf(text: string, className: string): HTMLElement {
  const edge = document.createElement('small');
  edge.className = className;
  edge.dataset['text'] = text;
  return edge;
}

/** Fills an element with a bar's inside; what stood there goes. */
export function fillBar(element: HTMLElement, { bar, sprite, pendingText, glyphs }: BarInside): void {
  const label = span('tape-label');
  if (glyphs && bar.edgeFrom !== undefined) label.append(edgeOf(bar.edgeFrom, 'tape-edge'));
  if (bar.tone === 'overdue') label.append(signOf({ icon: ClockAlert, text: '' }, sprite));
  if (bar.icons) for (const mark of bar.icons) label.append(signOf(mark, sprite));
  label.append(bar.label);
  element.replaceChildren(label);
  if (glyphs && bar.edgeTo !== undefined) element.append(edgeOf(bar.edgeTo, 'tape-edge at-end'));
  if (bar.pending) {
    const mark = span('tape-pending');
    mark.title = pendingText;
    mark.append(signOf({ icon: RefreshCw, text: pendingText }, sprite));
    element.append(mark);
  }
}

function place(element: HTMLElement, { left, width, top, height }: BarLook): void {
  const { style } = element;
  style.left = `${left}px`;
  style.width = `${width}px`;
  style.top = top === null ? '' : `${top}px`;
  style.height = height === null ? '' : `${height}px`;
}

/** Gives the name of a bar this width in pixels; `null`: all of the bar's. */
export function giveRoom(element: HTMLElement, room: number | null): void {
  const label = element.firstElementChild;
  const width = room === null ? '' : `${room}px`;
  if (label instanceof HTMLElement && label.style.maxWidth !== width) label.style.maxWidth = width;
}

/** How bars are drawn into their row. */
export const barBrush: Brush<BarLook> = {
  key: ({ bar }) => bar.id,

  make(look) {
    const element = document.createElement('div');
    element.role = 'gridcell';
    element.id = look.elementId;
    element.className = look.className;
    element.ariaLabel = look.bar.title;
    element.ariaColIndex = String(look.column);
    element.ariaSelected = String(look.selected);
    place(element, look);
    fillBar(element, look);
    return element;
  },

  change(element, look, was) {
    if (look.className !== was.className) element.className = look.className;
    if (look.column !== was.column) element.ariaColIndex = String(look.column);
    if (look.selected !== was.selected) element.ariaSelected = String(look.selected);
    if (
      look.left !== was.left ||
      look.width !== was.width ||
      look.top !== was.top ||
      look.height !== was.height
    ) {
      place(element, look);
    }
    if (look.bar !== was.bar || look.sprite !== was.sprite || look.glyphs !== was.glyphs) {
      element.ariaLabel = look.bar.title;
      fillBar(element, look);
    }
  },
};
