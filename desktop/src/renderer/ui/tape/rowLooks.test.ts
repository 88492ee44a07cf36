import { describe, expect, it } from 'vitest';
import { roomFor } from './barLook.ts';
import { indexBars } from './layout.ts';
import type { TapeBar, TapeRow } from './model.ts';
import type { Placing } from './placing.svelte.ts';
import { createRowLooks, type RowPlace, type RowsFrame } from './rowLooks.ts';

const bar = (id: string, rowId: string, from: number, to: number): TapeBar => ({
  id,
  rowId,
  from,
  to,
  label: 'Liepiņa, Anna',
  title: 'Liepiņa, Anna',
  tone: 'future',
  movable: true,
  resizableStart: true,
  resizableEnd: true,
});
const bars = [bar('a', 'r1', 100, 114), bar('b', 'r1', 114, 128), bar('c', 'r2', 90, 160)];
const index = indexBars(bars);
const rowsOf = (): RowPlace[] =>
  ['r1', 'r2', 'r3'].map((id, i) => ({
    row: rows[i] as TapeRow,
    bars: index.get(id),
    at: i + 2,
    top: i * 32,
    height: 32,
    hovered: false,
  }));
const rows: TapeRow[] = ['r1', 'r2', 'r3'].map((id) => ({ id, kind: 'bed', label: id, firstOfRoom: true }));
const frame: RowsFrame = {
  uid: 'u',
  days: { first: 90, count: 100 },
  cell: 20,
  inset: 4,
  from: 96,
  to: 120,
  edge: 96 * 20 - 90 * 20,
  sprite: new Map(),
  pendingText: '',
  selectedId: null,
  cursor: null,
  liftedId: null,
  placing: null,
  placingText: '',
};

describe('the rows in sight', () => {
  it('gives the very same looks while nothing has changed, so that nothing is drawn', () => {
    const looks = createRowLooks();
    const first = looks(rowsOf(), frame);
    const again = looks(rowsOf(), { ...frame });
    expect(again.map((look, i) => look === first[i])).toEqual([true, true, true]);
  });

  it('draws only the row whose bars come into the window when it moves by some days', () => {
    const looks = createRowLooks();
    const first = looks(rowsOf(), { ...frame, from: 92, to: 112 });
    const moved = looks(rowsOf(), { ...frame, from: 96, to: 116 });
    expect(first[0]?.bars.map(({ bar: { id } }) => id)).toEqual(['a']);
    expect(moved[0]?.bars.map(({ bar: { id } }) => id)).toEqual(['a', 'b']);
    expect(moved[1]).toBe(first[1]);
    expect(moved[2]).toBe(first[2]);
  });

  it('marks the selected bar, the lifted one and the one under the cursor, in their rows only', () => {
    const looks = createRowLooks();
    const first = looks(rowsOf(), frame);
    const cursor = { rowId: 'r1', day: 101, barId: 'a', text: 'gulta 1' };
    const next = looks(rowsOf(), { ...frame, cursor });
    expect(next[0]?.bars[0]?.className).toContain('is-cursor');
    expect(next[0]?.cursor).toEqual({
      elementId: 'u-c-r1-101',
      column: 13,
      className: 'tape-cursor on-bar',
      left: 220,
      width: 20,
      text: 'gulta 1',
    });
    expect(next[1]).toBe(first[1]);
    const chosen = looks(rowsOf(), { ...frame, selectedId: 'b', liftedId: 'a' });
    expect(chosen[0]?.bars.map(({ className }) => className.split(' ').at(-1))).toEqual([
      'is-lifted',
      'is-selected',
    ]);
    expect(chosen[0]?.bars.map(({ selected }) => selected)).toEqual([false, true]);
  });

  it('lays the shadow of what is placed into its target row, and says when it is refused there', () => {
    const placing: Placing = {
      kind: 'move',
      by: 'keyboard',
      bar: bars[0] ?? null,
      end: 'end',
      rowId: 'r3',
      from: 100,
      to: 114,
      verdict: { ok: false, title: 'Aizņemta', text: '' },
    };
    const [, , target] = createRowLooks()(rowsOf(), { ...frame, placing, placingText: 'Liepiņa' });
    expect(target?.className).toBe('tape-row is-bed is-first is-target is-refused');
    expect(target?.refused).toBe(true);
    expect(target?.ghost).toMatchObject({ className: 'tape-ghost is-cut is-refused', text: 'Liepiņa' });
  });

  it('finds the bar that began before what is in sight, and the room that is left for its name', () => {
    const [, row] = createRowLooks()(rowsOf(), { ...frame, edge: 1_340 });
    const last = row?.bars[0];
    expect(row?.crossingId).toBe('c');
    expect(row?.room).toBe((last?.left ?? 0) + (last?.width ?? 0) - 1_340 - 16);
    expect(roomFor(bars[0] as TapeBar, 1_000)).toBeNull();
  });
});
