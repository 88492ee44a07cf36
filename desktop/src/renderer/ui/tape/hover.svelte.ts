/** What the resting pointer shows: the row and day under it, the shape of the pointer, the card of a bar. */
import type { BarHit, TapeHit } from './hit.ts';
import { HEAD_HEIGHT, barBox } from './layout.ts';
import type { EpochDay, TapeBar, TapeDays, TapeRow } from './model.ts';
import type { TapeView } from './view.svelte.ts';

/** So long a pointer rests before a card opens, and so long the card waits for the pointer to reach it. */
const HOVER_MS = 350;
const LEAVE_MS = 120;
/** The least room a card needs at the right edge. */
const CARD_WIDTH = 200;

export interface HoverSource {
  readonly view: TapeView;
  readonly rows: () => readonly TapeRow[];
  readonly days: () => TapeDays;
  readonly headWidth: () => number;
  readonly rowIndex: (rowId: string) => number | undefined;
  readonly canCreate: () => boolean;
  readonly scroller: () => HTMLElement | null;
}

export function createHover(source: HoverSource) {
  const { view } = source;
  let place = $state.raw<{ row: number; day: EpochDay } | null>(null);
  let card = $state.raw<TapeBar | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** What a press would do here, for the shape of the pointer. */
  function overOf(hit: TapeHit | null, bar: BarHit | null): string {
    if (bar) return bar.part !== 'body' ? 'end' : bar.bar.movable ? 'bar' : 'fixed';
    return hit?.zone === 'cells' && source.canCreate() && source.rows()[hit.row]?.kind === 'bed'
      ? 'cell'
      : '';
  }

  const cardAt = $derived.by(() => {
    const row = card ? source.rowIndex(card.rowId) : undefined;
    if (!card || row === undefined) return null;
    const headWidth = source.headWidth();
    const box = barBox(card.from, card.to, source.days(), view.cell);
    const x = Math.max(headWidth + 8, headWidth + box.left - view.left);
    const top = HEAD_HEIGHT + (view.tops[row] ?? 0) - view.top;
    const below = top + view.sizes.row;
    const above = below > view.height * 0.6;
    return { x: Math.min(x, view.width - CARD_WIDTH), y: above ? view.height - top : below, above };
  });

  function stay(): void {
    clearTimeout(timer);
  }

  return {
    /** The row and day under the pointer. */
    get place() {
      return place;
    },
    /** The bar whose card is shown. */
    get card() {
      return card;
    },
    /** Where the card stands, in pixels of the chart; measured from below when it is `above` its bar. */
    get cardAt() {
      return cardAt;
    },
    stay,

    over(hit: TapeHit | null, bar: BarHit | null): void {
      if (hit?.zone !== 'cells' || hit.row === -1) place = null;
      else if (place?.row !== hit.row || place.day !== hit.day) place = { row: hit.row, day: hit.day };
      const scroller = source.scroller();
      if (scroller) scroller.dataset['over'] = overOf(hit, bar);
      stay();
      const next = bar?.bar ?? null;
      if (card?.id !== next?.id) timer = setTimeout(() => (card = next), next ? HOVER_MS : LEAVE_MS);
    },

    /** Takes the card away; says whether there was one. */
    close(): boolean {
      stay();
      const was = card !== null;
      card = null;
      return was;
    },
  };
}

export type TapeHoverState = ReturnType<typeof createHover>;
