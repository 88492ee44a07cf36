/**
 * Short-lived facts that all instances of the service on one store share: counters of requests, numbers that pass once.
 * They may be lost when the database or its only process ends; nothing that must last stands here.
 */
export interface SharedMemory {
  /** Counts one more use of the key in its window, which begins with the first use. Returns the count, this one included. */
  count(key: string, windowMs: number, nowMs: number): Promise<number>;
  /** True for the first to claim the key, false for everybody after him until it has run out. */
  once(key: string, untilMs: number, nowMs: number): Promise<boolean>;
}

/** Expired keys are swept this often, in ms. */
const SWEEP_MS = 30_000;

/** The memory of one process, for a store that only one process may open. */
export function processMemory(): SharedMemory {
  const known = new Map<string, { uses: number; until: number }>();
  let swept = 0;
  const live = (key: string, nowMs: number): { uses: number; until: number } | undefined => {
    if (Math.abs(nowMs - swept) > SWEEP_MS) {
      swept = nowMs;
      for (const [old, { until }] of known) if (until <= nowMs) known.delete(old);
    }
    const entry = known.get(key);
    return entry === undefined || entry.until <= nowMs ? undefined : entry;
  };
  return {
    async count(key, windowMs, nowMs) {
      const entry = live(key, nowMs) ?? { uses: 0, until: nowMs + windowMs };
      entry.uses += 1;
      known.set(key, entry);
      return entry.uses;
    },
    async once(key, untilMs, nowMs) {
      if (live(key, nowMs) !== undefined) return false;
      known.set(key, { uses: 1, until: untilMs });
      return true;
    },
  };
}
