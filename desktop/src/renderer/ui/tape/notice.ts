/** The card of what is being placed: what it says and where it stands. Pure. */
import { HEAD_HEIGHT, barBox } from './layout.ts';
import type { TapeDays, TapeRange, TapeTexts } from './model.ts';
import type { Placing } from './placing.svelte.ts';

export interface Notice {
  readonly tone: 'refused' | 'note' | 'plain';
  readonly title: string;
  readonly text: string;
  readonly help: string;
}

/**
 * The reason of a refusal, the warning of a note, or the target and the keys. By pointer a target that is allowed
 * needs no card as long as its shadow can be seen. `over` is a refusal that outlives its drop.
 */
export function noticeOf(
  shown: Placing | null,
  words: string,
  texts: TapeTexts,
  range: TapeRange,
  over: boolean,
): Notice | null {
  if (!shown || shown.rowId === null) return null;
  const { verdict, by } = shown;
  const help = by === 'keyboard' ? texts.placeHelp : texts.dragHelp;
  if (verdict?.ok === false) {
    const { title, text } = verdict;
    return { tone: 'refused', title, text, help: over || by === 'pointer' ? '' : help };
  }
  const warning = verdict?.note ?? '';
  if (warning !== '') return { tone: 'note', title: words, text: warning, help };
  const inSight = shown.from < range.to && shown.to >= range.from;
  return by === 'pointer' && inSight ? null : { tone: 'plain', title: words, text: '', help };
}

export interface NoticeView {
  readonly width: number;
  readonly bodyHeight: number;
  readonly left: number;
  readonly top: number;
  readonly cell: number;
  readonly tops: Float64Array;
}

export interface NoticePlace {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  readonly floor: number;
}

/** The row and the room of a card, in pixels of the chart; `row` is `undefined` for a lane, which is at the foot. */
export function placeOf(
  shown: Placing,
  row: number | undefined,
  view: NoticeView,
  days: TapeDays,
  headWidth: number,
  pointerX: number,
): NoticePlace {
  const floor = HEAD_HEIGHT + view.bodyHeight;
  const shadow = headWidth + barBox(shown.from, shown.to, days, view.cell).left - view.left;
  const edge = (index: number): number => HEAD_HEIGHT + (view.tops[index] ?? 0) - view.top;
  return {
    x: shown.by === 'pointer' ? pointerX + 14 : shadow + Math.min(90, view.cell),
    top: row === undefined ? floor : edge(row),
    bottom: row === undefined ? floor : edge(row + 1),
    left: headWidth,
    right: view.width,
    floor,
  };
}
