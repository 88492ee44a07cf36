import { describe, expect, it } from 'vitest';
import { testTimers } from '../net/testTimers.ts';
import { watchIdle, type ActTarget } from './idleLock.ts';

function target() {
  const runs = new Map<string, Set<(event: { readonly isTrusted: boolean }) => void>>();
  const made: ActTarget = {
    addEventListener: (type, run) => {
      runs.set(type, (runs.get(type) ?? new Set()).add(run));
    },
    removeEventListener: (type, run) => {
      runs.get(type)?.delete(run);
    },
  };
  return {
    made,
    act: (type: string, isTrusted = true) => {
      for (const run of runs.get(type) ?? []) run({ isTrusted });
    },
  };
}

describe('watchIdle', () => {
  it('locks after the time without an act, and only a person’s act counts', async () => {
    const { made, act } = target();
    const time = testTimers();
    let locks = 0;
    watchIdle(made, time.timers, time.now, 300_000, () => (locks += 1));
    await time.pass(200_000);
    act('keydown');
    await time.pass(200_000);
    expect(locks).toBe(0);
    act('pointermove', false);
    await time.pass(100_000);
    expect(locks).toBe(1);
  });

  it('ends', async () => {
    const { made } = target();
    const time = testTimers();
    let locks = 0;
    const end = watchIdle(made, time.timers, time.now, 300_000, () => (locks += 1));
    end();
    await time.pass(600_000);
    expect(locks).toBe(0);
  });
});
