import { createSubscriber } from 'svelte/reactivity';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import type { PlainDate } from '@sivis/shared/time/plainDate.ts';
import type { Desk } from '../../data/desk/desk.ts';
import type { Live } from '../../data/live.ts';
import type { Work } from '../../data/work.ts';
import { fromLive } from './shell.ts';

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

/** The value that a `Live` has now. */
function present<T>(live: Live<T>): T {
  const values: T[] = [];
  live.subscribe((value) => {
    values.push(value);
  })();
  return values[0] as T;
}

/** The stay day, from the first moment on; it rolls at midnight. */
export function watchToday(work: Work): { readonly current: PlainDate } {
  return fromLive(work.today, present(work.today));
}
