/** What is being placed: a bar on the move, an end that is pulled, or a new one. Pointer and keyboard share it. */
import type { EpochDay, TapeBar, TapeIntent, TapeJudge, TapeVerdict } from './model.ts';

export interface Placing {
  readonly kind: TapeIntent['kind'];
  readonly by: 'pointer' | 'keyboard';
  /** The bar that is placed, `null` for a new one. */
  readonly bar: TapeBar | null;
  /** The end that a resize pulls. */
  readonly end: 'start' | 'end';
  /** The target row, `null` while the pointer is over no row that takes bars. */
  readonly rowId: string | null;
  readonly from: EpochDay;
  readonly to: EpochDay;
  /** `null` without a target and where the bar already is. */
  readonly verdict: TapeVerdict | null;
}

export type PlacingStart = Pick<Placing, 'kind' | 'by' | 'bar' | 'end' | 'from' | 'to'> & {
  readonly rowId: string;
};

/** What became of a drop: the intent to carry out, the reason it is refused, or nothing. */
export type Dropped =
  | { readonly kind: 'intent'; readonly intent: TapeIntent }
  | { readonly kind: 'refused'; readonly placing: Placing }
  | { readonly kind: 'nothing' };

function intentOf(placing: Placing): TapeIntent | null {
  const { kind, bar, rowId, from, to } = placing;
  if (rowId === null) return null;
  if (kind === 'create') return { kind, rowId, from, to };
  if (bar === null || (bar.rowId === rowId && bar.from === from && bar.to === to)) return null;
  return { kind, barId: bar.id, rowId, from, to };
}

/** The state of placing. Each target is judged once; the answers are forgotten when the placing ends. */
export function createPlacing(judge: () => TapeJudge | undefined) {
  let current = $state.raw<Placing | null>(null);
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- looked up, never shown: nothing reacts to it
  const answers = new Map<string, TapeVerdict>();

  function verdictOf(intent: TapeIntent | null): TapeVerdict | null {
    if (!intent) return null;
    const key = `${intent.rowId}|${intent.from}|${intent.to}`;
    const known = answers.get(key);
    if (known) return known;
    const verdict = judge()?.(intent) ?? { ok: true };
    answers.set(key, verdict);
    return verdict;
  }

  function set(next: Placing): void {
    current = { ...next, verdict: verdictOf(intentOf(next)) };
  }

  return {
    get current(): Placing | null {
      return current;
    },

    begin(start: PlacingStart): void {
      answers.clear();
      set({ ...start, verdict: null });
    },

    /** Names another target; a target that is already named costs nothing. */
    aim(rowId: string | null, from: EpochDay, to: EpochDay): void {
      if (!current || (current.rowId === rowId && current.from === from && current.to === to)) return;
      set({ ...current, rowId, from, to });
    },

    cancel(): void {
      current = null;
    },

    /** Ends the placing. A refused drop by keyboard goes on, so that the next arrow can find a better place. */
    drop(): Dropped {
      const placing = current;
      const intent = placing && intentOf(placing);
      if (placing?.verdict?.ok === false) {
        if (placing.by === 'pointer') current = null;
        return { kind: 'refused', placing };
      }
      current = null;
      return intent ? { kind: 'intent', intent } : { kind: 'nothing' };
    },
  };
}

export type PlacingState = ReturnType<typeof createPlacing>;

/** The days of a placing after its end, or the whole, was moved by `days`; an end never passes the other. */
export function shiftDays(
  placing: Placing,
  days: number,
): { readonly from: EpochDay; readonly to: EpochDay } {
  const { from, to, kind, end } = placing;
  if (kind === 'move') return { from: from + days, to: to + days };
  if (kind === 'resize' && end === 'start') return { from: Math.min(from + days, to - 1), to };
  return { from, to: Math.max(to + days, from + 1) };
}
