import type { Live } from '../live.ts';

/** Sync was stopped while somebody waited: nothing is known, nothing happened. */
export class StoppedError extends Error {
  readonly code = 'STOPPED';
  constructor() {
    super('sync was stopped');
    this.name = 'StoppedError';
  }
}

/** Resolves when the value is true; rejects with a {@link StoppedError} when the signal aborts first. */
export function whenTrue(value: Live<boolean>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new StoppedError());
      return;
    }
    let end: (() => void) | null = null;
    let done = false;
    const finish = (): void => {
      done = true;
      end?.();
      signal.removeEventListener('abort', stop);
    };
    const stop = (): void => {
      finish();
      reject(new StoppedError());
    };
    signal.addEventListener('abort', stop);
    end = value.subscribe((now) => {
      if (!now || done) return;
      finish();
      resolve();
    });
    // The present value came before `end` was known.
    if (done) end();
  });
}

/** Resolves after the time; rejects with a {@link StoppedError} when the signal aborts first. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new StoppedError());
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(new StoppedError());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
