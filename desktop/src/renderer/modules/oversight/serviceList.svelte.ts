import { untrack } from 'svelte';
import { serviceError } from './serviceError.ts';

/** Rows that only the service has, as it gave them last. */
export interface ServiceList<Row> {
  /** `null` until the service has answered once. */
  rows: readonly Row[] | null;
  /** Why the last question was not answered, in words. */
  readonly failure: { readonly text: string; readonly code: string } | null;
  readonly loading: boolean;
  readonly load: () => Promise<void>;
}

/**
 * Asks the service when `wanted` becomes true and whenever what it reads changes; only the last answer counts. Call it
 * while a component is set up.
 */
export function serviceList<Row>(
  wanted: () => boolean,
  ask: () => Promise<readonly Row[]>,
): ServiceList<Row> {
  let rows = $state.raw<readonly Row[] | null>(null);
  let failure = $state.raw<ServiceList<Row>['failure']>(null);
  let loading = $state(false);
  let asked = 0;

  async function load(): Promise<void> {
    const mine = (asked += 1);
    loading = true;
    failure = null;
    try {
      const answer = await ask();
      if (mine === asked) rows = answer;
    } catch (problem) {
      if (mine === asked) failure = serviceError(problem);
    } finally {
      if (mine === asked) loading = false;
    }
  }

  $effect(() => {
    if (wanted()) untrack(() => void load());
  });

  return {
    get rows() {
      return rows;
    },
    set rows(next) {
      rows = next;
    },
    get failure() {
      return failure;
    },
    get loading() {
      return loading;
    },
    load,
  };
}
