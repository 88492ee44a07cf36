import { createSubscriber } from 'svelte/reactivity';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Desk } from '../../data/desk/desk.ts';
import type { Work } from '../../data/work.ts';
import { fromLive, useAppContext } from './shell.ts';

/**
 * A number that counts the changes of the desk's documents of some kinds. Whoever reads it is computed again when one
 * of them changed; projections are pure and read the desk themselves.
 */
export function watchDesk(desk: Desk, kinds: readonly Kind[]): { readonly version: number } {
  let version = 0;
  const subscribe = createSubscriber((update) =>
    desk.changed.on((change) => {
      if (!kinds.some((kind) => change.kinds.has(kind))) return;
      version += 1;
      update();
    }),
  );
  return {
    get version() {
      subscribe();
      return version;
    },
  };
}

type Ended = (() => void) | { unsubscribe(): void };

/** The value that a `Live` has now. */
function present<T>(live: { subscribe(run: (value: T) => void): Ended }): T {
  const values: T[] = [];
  const end = live.subscribe((value) => {
    values.push(value);
  });
  if (typeof end === 'function') end();
  else end.unsubscribe();
  return values[0] as T;
}

/**
 * Whether this desk has everything it may hold: until the first synchronisation is through, a list is neither empty nor
 * complete. Call it during initialisation.
 */
export function watchLoaded(): { readonly current: boolean } {
  const { status } = useAppContext().sync;
  const now = fromLive(status, present(status));
  return {
    get current() {
      return now.current.hasSynced;
    },
  };
}

/** The stay day, from the first moment on; it rolls at midnight. */
export function watchToday(work: Work): { readonly current: PlainDate } {
  return fromLive(work.today, present(work.today));
}
