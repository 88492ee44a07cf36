import { describe, expect, it } from 'vitest';
import { formatSeconds, rigaSpan, startOfRigaDay } from './rigaDay.ts';

describe('days in Riga', () => {
  it('begin two hours before midnight UTC in winter and three in summer', () => {
    expect(startOfRigaDay('2026-11-21')).toBe('2026-11-20T22:00:00.000Z');
    expect(startOfRigaDay('2026-07-01')).toBe('2026-06-30T21:00:00.000Z');
  });

  it('on the days when the clocks change the span has 23 and 25 hours', () => {
    expect(rigaSpan('2026-03-29', '2026-03-29')).toEqual({
      from: '2026-03-28T22:00:00.000Z',
      to: '2026-03-29T21:00:00.000Z',
    });
    expect(rigaSpan('2026-10-25', '2026-10-25')).toEqual({
      from: '2026-10-24T21:00:00.000Z',
      to: '2026-10-25T22:00:00.000Z',
    });
  });

  it('shows the time with seconds', () => {
    expect(formatSeconds('2026-11-21T08:03:41.200Z')).toBe('10:03:41');
  });
});
