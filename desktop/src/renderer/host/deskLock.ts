import type { DeskHold } from './types.ts';

const NAME = 'sivis-desk';

/** What is needed of `navigator.locks`. */
export interface Locks {
  request(
    name: string,
    options: { readonly ifAvailable: true },
    callback: (lock: unknown) => Promise<void> | undefined,
  ): Promise<unknown>;
}

/**
 * Takes the desk for this window and keeps it until the window goes. Two windows on one local database would
 * each believe to be the only writer.
 */
export function holdDesk(locks: Locks): Promise<DeskHold> {
  return new Promise((resolve, reject) => {
    const forever = new Promise<void>(() => undefined);
    const request = locks.request(NAME, { ifAvailable: true }, (lock) => {
      resolve(lock === null ? 'second-window' : 'held');
      return lock === null ? undefined : forever;
    });
    request.catch(reject);
  });
}
