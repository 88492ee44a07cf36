import { BurstyRateLimiter, RateLimiterMemory } from 'rate-limiter-flexible';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { SERVICE_LIMITS } from '../limits.ts';

/** Takes one request of a device (or of an address before sign-in). Throws TOO_MANY_REQUESTS. */
export type RateLimit = (key: string) => Promise<void>;

export function createRateLimit(): RateLimit {
  const limiter = new BurstyRateLimiter(
    new RateLimiterMemory({ points: SERVICE_LIMITS.ratePerSecond, duration: 1 }),
    new RateLimiterMemory({
      keyPrefix: 'burst',
      points: SERVICE_LIMITS.burst,
      duration: SERVICE_LIMITS.burstSeconds,
    }),
  );
  return async (key) => {
    try {
      await limiter.consume(key);
    } catch {
      throw new SivisError('TOO_MANY_REQUESTS', { retryAfter: 1 });
    }
  };
}
