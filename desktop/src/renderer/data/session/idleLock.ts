import type { Timers } from '../net/timers.ts';

/** What a person does. */
const ACTS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

/** The part of `document` or `window` that is listened to. */
export interface ActTarget {
  addEventListener(
    type: string,
    run: (event: { readonly isTrusted: boolean }) => void,
    options?: object,
  ): void;
  removeEventListener(type: string, run: (event: { readonly isTrusted: boolean }) => void): void;
}

/**
 * Calls `lock` when nobody did anything for the time. Events made by scripts do not count: RxDB's replication sends
 * a mouse move every 20 seconds to keep its page awake.
 * @returns ends the watch
 */
export function watchIdle(
  target: ActTarget,
  timers: Timers,
  now: () => number,
  idleMs: number,
  lock: () => void,
): () => void {
  let lastAct = now();
  let timer: unknown = null;
  const act = (event: { readonly isTrusted: boolean }): void => {
    if (event.isTrusted) lastAct = now();
  };
  const look = (): void => {
    const left = lastAct + idleMs - now();
    // A computer that slept wakes up late: the time counts, not the timer.
    if (left <= 0) lock();
    else timer = timers.set(look, left);
  };
  for (const type of ACTS) target.addEventListener(type, act, { passive: true, capture: true });
  timer = timers.set(look, idleMs);
  return () => {
    timers.clear(timer);
    for (const type of ACTS) target.removeEventListener(type, act);
  };
}
