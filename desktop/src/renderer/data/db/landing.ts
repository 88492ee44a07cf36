import type { Collection } from '@sivis/shared/docs/kinds.ts';
import type { LocalDoc } from '../core/localDoc.ts';
import type { Timers } from '../net/timers.ts';
import type { DocStore } from './docStore.ts';
import { StoppedError } from './gate.ts';

/** A document that the storage refuses never lands; it is told elsewhere and must not hold the rest up. */
const LANDING_MS = 5_000;

/**
 * Resolves when pulled documents are on the desk. RxDB writes a page after it was handed over, so that "the answer
 * came" is not yet "it can be found here". Rejects when sync stops.
 */
export function landed(
  store: DocStore,
  collection: Collection,
  docs: readonly LocalDoc[],
  timers: Timers,
  signal: AbortSignal,
): Promise<void> {
  const isHere = (doc: LocalDoc): boolean => {
    const here = store.get(collection, doc.id);
    // Own changes on top: RxDB leaves the local one in its place until they are answered.
    if (store.pending(collection).has(doc.id)) return true;
    return doc.deleted ? here === undefined : here !== undefined && here.rev >= doc.rev;
  };
  let open = docs.filter((doc) => !isHere(doc));
  if (open.length === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      timers.clear(timer);
      end();
      signal.removeEventListener('abort', stop);
    };
    const stop = (): void => {
      finish();
      reject(new StoppedError());
    };
    const done = (): void => {
      finish();
      resolve();
    };
    const timer = timers.set(done, LANDING_MS);
    const end = store.changes.on((change) => {
      if (change.collection !== collection) return;
      open = open.filter((doc) => !isHere(doc));
      if (open.length === 0) done();
    });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}
