import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createIdleWatch, watchForLock } from './lock-events.ts';

it('locks once per absence', () => {
  const shouldLock = createIdleWatch(300);
  const answers = [0, 299, 300, 315, 4000, 2, 301].map(shouldLock);
  expect(answers).toEqual([false, false, true, false, false, false, true]);
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('locks at suspend, at a locked screen and when idle', () => {
  const listeners = new Map<string, () => void>();
  let idle = 0;
  const reasons: string[] = [];
  const end = watchForLock(
    { on: (event, listener) => listeners.set(event, listener), getSystemIdleTime: () => idle },
    5,
    (reason) => reasons.push(reason),
  );
  listeners.get('suspend')!();
  listeners.get('lock-screen')!();
  vi.advanceTimersByTime(15_000);
  expect(reasons).toEqual(['suspend', 'screen']);
  idle = 300;
  vi.advanceTimersByTime(45_000);
  expect(reasons).toEqual(['suspend', 'screen', 'idle']);
  end();
  idle = 0;
  vi.advanceTimersByTime(15_000);
  idle = 300;
  vi.advanceTimersByTime(15_000);
  expect(reasons).toHaveLength(3);
});
