import { randomBytes } from 'node:crypto';

/**
 * Short-lived facts that all instances of the service on one store share: counters of requests, numbers that pass once.
 * They may be lost when the database or its only process ends; nothing that must last stands here.
 */
export interface SharedMemory {
  /**
   * Counts one more use of the key in its window, which begins with the first use, by the clock of the store. Returns the
   * count, this one included.
   */
  count(key: string, windowMs: number): Promise<number>;
  /** True for the first to claim the key, false for everybody after him until it has run out by the caller's clock. */
  once(key: string, untilMs: number, nowMs: number): Promise<boolean>;
  /**
   * Another one after what was claimed may have been forgotten. It goes into nonces, so that nothing signed for an
   * earlier memory is taken by one that would not know it again.
   */
  generation(): string;
}

/** Expired keys are swept this often, in ms. */
const SWEEP_MS = 30_000;

interface Entry {
  uses: number;
  until: number;
}

/** Entries by key until their time is over. */
function entries(): {
  at(key: string, nowMs: number): Entry | undefined;
  put(key: string, entry: Entry): void;
} {
  const known = new Map<string, Entry>();
  let swept = 0;
  return {
    at(key, nowMs) {
      if (Math.abs(nowMs - swept) > SWEEP_MS) {
        swept = nowMs;
        for (const [old, { until }] of known) if (until <= nowMs) known.delete(old);
      }
      const entry = known.get(key);
      return entry === undefined || entry.until <= nowMs ? undefined : entry;
    },
    put: (key, entry) => void known.set(key, entry),
  };
}

/** The memory of one process, for a store that only one process may open. */
export function processMemory(): SharedMemory {
  const counted = entries();
  const claimed = entries();
  const generation = randomBytes(9).toString('base64url');
  return {
    generation: () => generation,
    async count(key, windowMs) {
      const nowMs = Date.now();
      const before = counted.at(key, nowMs) ?? { uses: 0, until: nowMs + windowMs };
      counted.put(key, { ...before, uses: before.uses + 1 });
      return before.uses + 1;
    },
    async once(key, untilMs, nowMs) {
      if (claimed.at(key, nowMs) !== undefined) return false;
      claimed.put(key, { uses: 1, until: untilMs });
      return true;
    },
  };
}
