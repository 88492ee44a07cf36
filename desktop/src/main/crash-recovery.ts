import { LIMITS } from './limits.ts';
import type { Log } from './log.ts';

/**
 * Counts crashes.
 * @param now milliseconds
 * @returns to be asked at each crash: may the page be loaded again?
 */
export function createCrashBudget(now: () => number): () => boolean {
  let crashes: number[] = [];
  return () => {
    const at = now();
    crashes = [...crashes.filter((c) => at - c < LIMITS.crashWindow), at];
    return crashes.length <= LIMITS.reloadsAfterCrash;
  };
}

/** What is needed of `webContents`. */
export interface CrashingContents {
  on(
    event: 'render-process-gone',
    listener: (event: unknown, details: { readonly reason: string; readonly exitCode: number }) => void,
  ): unknown;
  reload(): void;
}

/**
 * Loads the page again when its process dies, and says so when that does not help.
 * @param giveUp tells the user; what is saved is on the disk and is not touched
 */
export function recoverFromCrashes(
  contents: CrashingContents,
  log: Log,
  giveUp: () => void,
  now: () => number = Date.now,
): void {
  const mayReload = createCrashBudget(now);
  contents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log('renderer-gone', { reason, exitCode });
    if (reason === 'clean-exit') return;
    if (mayReload()) contents.reload();
    else giveUp();
  });
}
