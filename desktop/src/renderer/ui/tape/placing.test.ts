import { describe, expect, it } from 'vitest';
import type { TapeBar, TapeIntent, TapeVerdict } from './model.ts';
import { createPlacing, shiftDays } from './placing.svelte.ts';
import type { PlacingStart } from './placing.svelte.ts';

const bar: TapeBar = {
  id: 's',
  rowId: 'a',
  from: 10,
  to: 14,
  label: '',
  title: '',
  tone: 'inHouse',
  movable: true,
  resizableStart: true,
  resizableEnd: true,
};
const start: PlacingStart = { kind: 'move', by: 'keyboard', bar, end: 'end', rowId: 'a', from: 10, to: 14 };

function placed(answer: (intent: TapeIntent) => TapeVerdict = () => ({ ok: true })) {
  const asked: TapeIntent[] = [];
  const placing = createPlacing(() => (intent) => {
    asked.push(intent);
    return answer(intent);
  });
  return { placing, asked };
}

describe('placing', () => {
  it('asks nothing where the bar already is, and once per target', () => {
    const { placing, asked } = placed();
    placing.begin(start);
    expect(placing.current?.verdict).toBeNull();
    placing.aim('b', 10, 14);
    placing.aim('c', 10, 14);
    placing.aim('b', 10, 14);
    expect(asked.map((intent) => intent.rowId)).toEqual(['b', 'c']);
  });

  it('drops an intent on a target that is allowed', () => {
    const { placing } = placed();
    placing.begin(start);
    placing.aim('b', 11, 15);
    expect(placing.drop()).toEqual({
      kind: 'intent',
      intent: { kind: 'move', barId: 's', rowId: 'b', from: 11, to: 15 },
    });
    expect(placing.current).toBeNull();
  });

  it('drops nothing at home or over nothing', () => {
    const { placing } = placed();
    placing.begin(start);
    expect(placing.drop()).toEqual({ kind: 'nothing' });
    placing.begin(start);
    placing.aim(null, 10, 14);
    expect(placing.drop()).toEqual({ kind: 'nothing' });
  });

  it('goes on after a refusal by keyboard and ends after one by pointer', () => {
    const { placing } = placed(() => ({ ok: false, title: 'no', text: 'taken' }));
    placing.begin(start);
    placing.aim('b', 10, 14);
    expect(placing.drop().kind).toBe('refused');
    expect(placing.current).not.toBeNull();
    placing.begin({ ...start, by: 'pointer' });
    placing.aim('b', 10, 14);
    expect(placing.drop()).toMatchObject({ kind: 'refused', placing: { verdict: { title: 'no' } } });
    expect(placing.current).toBeNull();
  });

  it('forgets the answers with the placing: the next may be judged anew', () => {
    const { placing, asked } = placed();
    for (let i = 0; i < 2; i++) {
      placing.begin(start);
      placing.aim('b', 10, 14);
      placing.cancel();
    }
    expect(asked).toHaveLength(2);
  });

  it('creates with the row and the days alone', () => {
    const { placing } = placed();
    placing.begin({ kind: 'create', by: 'pointer', bar: null, end: 'end', rowId: 'a', from: 3, to: 4 });
    expect(placing.drop()).toEqual({
      kind: 'intent',
      intent: { kind: 'create', rowId: 'a', from: 3, to: 4 },
    });
  });
});

describe('shiftDays', () => {
  const { placing } = placed();
  const begun = (more: Partial<PlacingStart>) => {
    placing.begin({ ...start, ...more });
    return placing.current!;
  };

  it('moves the whole, or one end that never passes the other', () => {
    expect(shiftDays(begun({}), -2)).toEqual({ from: 8, to: 12 });
    expect(shiftDays(begun({ kind: 'resize' }), -9)).toEqual({ from: 10, to: 11 });
    expect(shiftDays(begun({ kind: 'resize', end: 'start' }), 9)).toEqual({ from: 13, to: 14 });
    expect(shiftDays(begun({ kind: 'create', bar: null }), 2)).toEqual({ from: 10, to: 16 });
  });
});
