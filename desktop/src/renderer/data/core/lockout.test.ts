import { describe, expect, it } from 'vitest';
import { lockoutAfter, pauseLeft } from './lockout.ts';

describe('wrong passwords', () => {
  it('cost 1, 2, 5, 15 and 30 s, then the service is needed, then the key is gone', () => {
    const pauses = [0, 1, 2, 3, 4, 5, 6, 19].map((count) => lockoutAfter(count).delayMs);
    expect(pauses).toEqual([0, 1_000, 2_000, 5_000, 15_000, 30_000, 30_000, 30_000]);
    expect([9, 10, 19].map((count) => lockoutAfter(count).serviceNeeded)).toEqual([false, true, true]);
    expect([19, 20].map((count) => lockoutAfter(count).destroyed)).toEqual([false, true]);
  });

  it('wait for what is left of the pause, and no longer when the clock was put back', () => {
    expect(pauseLeft(3, 1_000, 2_000)).toBe(4_000);
    expect(pauseLeft(3, 1_000, 60_000)).toBe(0);
    expect(pauseLeft(3, 10 ** 12, 0)).toBe(5_000);
    expect(pauseLeft(0, 10 ** 12, 0)).toBe(0);
  });
});
