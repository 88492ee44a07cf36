import { createSubscriber } from 'svelte/reactivity';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import type { Desk } from '../../data/desk/desk.ts';

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
