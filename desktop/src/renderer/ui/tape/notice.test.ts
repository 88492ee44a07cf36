import { describe, expect, it } from 'vitest';
import type { TapeTexts } from './model.ts';
import { noticeOf, placeOf } from './notice.ts';
import type { Placing } from './placing.svelte.ts';

const texts: TapeTexts = {
  label: '',
  corner: '',
  day: () => ({ weekday: '', number: '', month: '', title: '', dayOff: false }),
  cell: () => '',
  target: () => '',
  placeHelp: 'keys',
  dragHelp: 'drag',
  cancelled: '',
  pending: '',
  empty: '',
};
const range = { from: 100, to: 120, firstRowId: null, lastRowId: null };
const placing = (more: Partial<Placing>): Placing => ({
  kind: 'move',
  by: 'pointer',
  bar: null,
  end: 'end',
  rowId: 'a',
  from: 105,
  to: 110,
  verdict: { ok: true },
  ...more,
});
const refusal = { ok: false, title: 'no', text: 'taken' } as const;

describe('noticeOf', () => {
  const notice = (more: Partial<Placing>, over = false) =>
    noticeOf(placing(more), 'words', texts, range, over);

  it('gives the reason of a refusal, with the keys only while they help', () => {
    expect(notice({ verdict: refusal })).toEqual({ tone: 'refused', title: 'no', text: 'taken', help: '' });
    expect(notice({ verdict: refusal, by: 'keyboard' })?.help).toBe('keys');
    expect(notice({ verdict: refusal, by: 'keyboard' }, true)?.help).toBe('');
  });

  it('shows a warning that does not forbid', () => {
    expect(notice({ verdict: { ok: true, note: 'mixed room' } })).toMatchObject({
      tone: 'note',
      title: 'words',
      text: 'mixed room',
    });
  });

  it('needs no card by pointer while the shadow is in sight', () => {
    expect(notice({})).toBeNull();
    expect(notice({ from: 200, to: 210 })).toMatchObject({ tone: 'plain', help: 'drag' });
    expect(notice({ by: 'keyboard' })).toMatchObject({ tone: 'plain', help: 'keys' });
  });

  it('says nothing over no row', () => {
    expect(notice({ rowId: null, verdict: null })).toBeNull();
    expect(noticeOf(null, '', texts, range, false)).toBeNull();
  });
});

describe('placeOf', () => {
  const view = {
    width: 800,
    bodyHeight: 300,
    left: 50,
    top: 10,
    cell: 50,
    tops: new Float64Array([0, 32, 64]),
  };
  const days = { first: 100, count: 60 };

  it('stands by the row: at the pointer, or at the shadow', () => {
    expect(placeOf(placing({}), 1, view, days, 176, 400)).toMatchObject({ x: 414, top: 76, bottom: 108 });
    expect(placeOf(placing({ by: 'keyboard' }), 1, view, days, 176, 0).x).toBe(176 + 278 - 50 + 50);
  });

  it('stands over the lanes for a lane', () => {
    expect(placeOf(placing({}), undefined, view, days, 176, 0)).toMatchObject({
      top: 354,
      bottom: 354,
      floor: 354,
    });
  });
});
