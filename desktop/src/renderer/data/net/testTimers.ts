import type { Timers } from './timers.ts';

/** For tests: timers that run when the test says how much time has passed. */
export function testTimers() {
  let now = 0;
  let next = 1;
  const due = new Map<number, { at: number; run: () => void }>();
  const timers: Timers = {
    set(run, ms) {
      const handle = (next += 1);
      due.set(handle, { at: now + ms, run });
      return handle;
    },
    clear(handle) {
      due.delete(handle as number);
    },
  };
  return {
    timers,
    now: () => now,
    waiting: () => [...due.values()].map(({ at }) => at - now),
    /** Lets time pass, and what is asynchronous catch up after each timer. */
    async pass(ms: number): Promise<void> {
      const end = now + ms;
      for (;;) {
        const [handle, timer] =
          [...due].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0] ?? [];
        if (handle === undefined || timer === undefined) break;
        due.delete(handle);
        now = timer.at;
        timer.run();
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      }
      now = end;
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    },
  };
}
