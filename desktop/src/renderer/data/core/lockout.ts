/**
 * What wrong passwords cost at one desk (security.md 5.5): time at first, then an entry in the audit log, then the desk
 * cannot be opened without the service, at last the key is destroyed.
 */
export const LOCKOUT = {
  /** Pauses before the next attempt, ms, by the number of wrong ones so far; the last one holds for every further one. */
  delaysMs: [0, 1_000, 2_000, 5_000, 15_000, 30_000],
  /** From here on the key opens only with the share that the service gives. */
  serviceNeeded: 10,
  /** The wrapped key is destroyed: the data come from the service again, the unsent by the recovery key. */
  destroyed: 20,
} as const;

/** What follows from the number of wrong passwords. */
export interface LockoutStep {
  readonly delayMs: number;
  readonly serviceNeeded: boolean;
  readonly destroyed: boolean;
}

/** @param failures wrong passwords since the last right one */
export function lockoutAfter(failures: number): LockoutStep {
  const { delaysMs, serviceNeeded, destroyed } = LOCKOUT;
  return {
    delayMs: delaysMs[Math.min(Math.max(0, failures), delaysMs.length - 1)] ?? 0,
    serviceNeeded: failures >= serviceNeeded,
    destroyed: failures >= destroyed,
  };
}

/**
 * How long to wait before the next attempt. A clock that was put back shortens no pause, one that was put forward does:
 * the pauses slow people down, the steps above stop programs.
 */
export function pauseLeft(failures: number, lastAtMs: number, nowMs: number): number {
  const { delayMs } = lockoutAfter(failures);
  return Math.max(0, Math.min(delayMs, lastAtMs + delayMs - nowMs));
}
