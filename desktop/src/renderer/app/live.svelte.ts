import { createSubscriber } from 'svelte/reactivity';
import type { Live } from './context.ts';

/**
 * A `Live` value as a reactive property: subscribed while something on the screen reads it.
 * @param initial what is read until the source has given its first value
 */
export function fromLive<T>(live: Live<T>, initial: T): { readonly current: T } {
  let value = initial;
  const subscribe = createSubscriber((update) => {
    const end = live.subscribe((next) => {
      value = next;
      update();
    });
    return typeof end === 'function' ? end : () => end.unsubscribe();
  });
  return {
    get current() {
      subscribe();
      return value;
    },
  };
}

/** The present moment, renewed every few seconds while something reads it: clocks and "3 minutes ago". */
export function ticking(now: () => number, everyMs = 5_000): { readonly current: number } {
  const subscribe = createSubscriber((update) => {
    const timer = setInterval(update, everyMs);
    return () => clearInterval(timer);
  });
  return {
    get current() {
      subscribe();
      return now();
    },
  };
}
