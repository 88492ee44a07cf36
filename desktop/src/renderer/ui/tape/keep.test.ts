import { describe, expect, it } from 'vitest';
import { keepByDay, keepList } from './keep.ts';

describe('what a scroll keeps', () => {
  it('makes only the days that came into the window', () => {
    const asked: number[] = [];
    const keep = keepByDay<{ day: number }>();
    const make = (day: number) => {
      asked.push(day);
      return { day };
    };
    const first = keep(10, 14, ['words', 24], make);
    const second = keep(12, 16, ['words', 24], make);
    expect(second.map(({ day }) => day)).toEqual([12, 13, 14, 15]);
    expect(second[0]).toBe(first[2]);
    expect(asked).toEqual([10, 11, 12, 13, 14, 15]);
  });

  it('makes all days anew when what they are made of has changed', () => {
    const keep = keepByDay<{ day: number; cell: number }>();
    const first = keep(10, 12, [24], (day) => ({ day, cell: 24 }));
    const second = keep(10, 12, [19], (day) => ({ day, cell: 19 }));
    expect(second).toEqual([
      { day: 10, cell: 19 },
      { day: 11, cell: 19 },
    ]);
    expect(second[0]).not.toBe(first[0]);
  });

  it('gives the same list while it holds the same things in the same order', () => {
    const keep = keepList<object>();
    const [a, b] = [{}, {}];
    const first = keep([a, b]);
    expect(keep([a, b])).toBe(first);
    expect(keep([b, a])).toEqual([b, a]);
    expect(keep([])).toEqual([]);
  });
});
