import { randomBytes } from 'node:crypto';
import type { Clock } from '@sivis/shared/time/clock.ts';
import type { Store } from '../store/store.ts';

/** Lets each number pass once: DPoP proofs, live tickets. */
export interface Replays {
  /** True for the first who brings the number, false for everybody after him until it has run out. */
  once(number: string, untilMs: number): Promise<boolean>;
  /**
   * Goes into the nonces: what was signed for an earlier process is not taken by one that cannot remember it. Empty where
   * numbers outlive the process.
   */
  readonly generation: string;
}

/** Numbers in memory, for a service that is the only one on its store. */
export function memoryReplays(clock: Clock): Replays {
  const seen = new Map<string, number>();
  let swept = clock.now();
  return {
    generation: randomBytes(9).toString('base64url'),
    once(number, untilMs) {
      const now = clock.now();
      if (now - swept > SWEEP_MS) {
        swept = now;
        for (const [old, until] of seen) if (until <= now) seen.delete(old);
      }
      const known = (seen.get(number) ?? 0) > now;
      if (!known) seen.set(number, untilMs);
      return Promise.resolve(!known);
    },
  };
}

const SWEEP_MS = 30_000;

/** Numbers in the store, for several instances of the service on one database. */
export function storeReplays(store: Store, clock: Clock): Replays {
  return {
    generation: '',
    once: (number, untilMs) => store.write((tx) => tx.claimOnce(`once:${number}`, untilMs, clock.now())),
  };
}
