import type { LockReason } from '../preload/channels.ts';
import { LIMITS } from './limits.ts';

/** What is needed of `powerMonitor`. */
export interface PowerMonitor {
  on(event: 'suspend' | 'lock-screen', listener: () => void): unknown;
  /** Seconds since the last key or pointer anywhere in the system. */
  getSystemIdleTime(): number;
}

/**
 * Decides from the idle time whether to lock: once per absence, not at each look.
 * @param afterSeconds idle seconds that count as absence
 * @returns to be asked with the idle seconds now
 */
export function createIdleWatch(afterSeconds: number): (idleSeconds: number) => boolean {
  let away = false;
  return (idleSeconds) => {
    const wasAway = away;
    away = idleSeconds >= afterSeconds;
    return away && !wasAway;
  };
}

/**
 * Asks for a lock when the computer sleeps, its screen is locked, or nobody has touched it for long enough.
 * @param afterMinutes idle minutes; the page itself may lock sooner
 * @returns ends the watch of the idle time
 */
export function watchForLock(
  monitor: PowerMonitor,
  afterMinutes: number,
  lock: (reason: LockReason) => void,
): () => void {
  monitor.on('suspend', () => {
    lock('suspend');
  });
  monitor.on('lock-screen', () => {
    lock('screen');
  });
  const shouldLock = createIdleWatch(afterMinutes * 60);
  const timer = setInterval(() => {
    if (shouldLock(monitor.getSystemIdleTime())) lock('idle');
  }, LIMITS.idlePoll);
  return () => {
    clearInterval(timer);
  };
}
