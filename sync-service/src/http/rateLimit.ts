import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { SharedMemory } from '../store/sharedMemory.ts';

/** Takes one request of a device (or of an address before sign-in). Throws TOO_MANY_REQUESTS. */
export type RateLimit = (key: string) => Promise<void>;

/** So many requests a second, and beyond them a burst now and then; counted over all instances of the service. */
export function createRateLimit(memory: SharedMemory): RateLimit {
  return async (key) => {
    if ((await memory.count(`rate:${key}`, 1_000)) <= SERVICE_LIMITS.ratePerSecond) return;
    if ((await memory.count(`burst:${key}`, SERVICE_LIMITS.burstSeconds * 1_000)) <= SERVICE_LIMITS.burst)
      return;
    throw new SivisError('TOO_MANY_REQUESTS', { retryAfter: 1 });
  };
}
