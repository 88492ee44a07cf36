/** What stands in each day's column of the head and of the rows of figures, as elements. */
import type { EpochDay } from './model.ts';
import type { Brush } from './painter.ts';

/** A day's heading. */
export interface DayLook {
  readonly day: EpochDay;
  readonly column: number;
  readonly className: string;
  /** From the first day, in pixels. */
  readonly left: number;
  readonly title: string;
  readonly isToday: boolean;
  /** Empty where the column is too narrow. */
  readonly weekday: string;
  readonly number: string;
}

/** A day's figure. */
export interface FigureLook {
  readonly day: EpochDay;
  readonly column: number;
  readonly className: string;
  /** From the first day, in pixels. */
  readonly left: number;
  readonly text: string;
  /** What is said on hover; empty where the figure itself can be read. */
  readonly title: string;
}

function fillDay(element: HTMLElement, { weekday, number }: DayLook): void {
  element.replaceChildren();
  if (weekday !== '') element.appendChild(document.createElement('small')).textContent = weekday;
  if (number !== '') element.appendChild(document.createElement('span')).textContent = number;
}

/** How the headings of the days are drawn. */
export const dayBrush: Brush<DayLook> = {
  key: ({ day }) => day,
  make(look) {
    const element = document.createElement('div');
    element.role = 'columnheader';
    element.className = look.className;
    element.ariaLabel = look.title;
    element.ariaColIndex = String(look.column);
    element.style.left = `${look.left}px`;
    if (look.isToday) element.ariaCurrent = 'date';
    fillDay(element, look);
    return element;
  },
  change(element, look, was) {
    if (look.className !== was.className) element.className = look.className;
    if (look.column !== was.column) element.ariaColIndex = String(look.column);
    if (look.left !== was.left) element.style.left = `${look.left}px`;
    if (look.title !== was.title) element.ariaLabel = look.title;
    if (look.isToday !== was.isToday) element.ariaCurrent = look.isToday ? 'date' : null;
    if (look.weekday !== was.weekday || look.number !== was.number) fillDay(element, look);
  },
};

/** How a row of figures is drawn. */
export const figureBrush: Brush<FigureLook> = {
  key: ({ day }) => day,
  make(look) {
    const element = document.createElement('div');
    element.role = 'gridcell';
    element.className = look.className;
    element.ariaColIndex = String(look.column);
    element.style.left = `${look.left}px`;
    if (look.title !== '') element.title = look.title;
    element.textContent = look.text;
    return element;
  },
  change(element, look, was) {
    if (look.className !== was.className) element.className = look.className;
    if (look.column !== was.column) element.ariaColIndex = String(look.column);
    if (look.left !== was.left) element.style.left = `${look.left}px`;
    if (look.text !== was.text) element.textContent = look.text;
    if (look.title !== was.title) {
      if (look.title === '') element.removeAttribute('title');
      else element.title = look.title;
    }
  },
};
