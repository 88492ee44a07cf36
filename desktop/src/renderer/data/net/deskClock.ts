import type { Clock } from '@sivis/shared/time/clock.ts';
import { DESK_LIMITS } from '../limits.ts';
import { liveValue, type Live } from '../live.ts';

/** The desk's time, corrected by the service's (decision 22). */
export interface DeskClock extends Clock {
  /** Service time minus desk time in ms, as far as known. */
  readonly offsetMs: number;
  /** True while the desk's own clock is wrong by more than the limit. */
  readonly skewed: Live<boolean>;
  /** Takes an answer's server time; `sentAt` and `receivedAt` are by the desk's own clock. */
  observe(serverTime: string, sentAt: number, receivedAt: number): void;
  /** Takes the offset that was known at an earlier start, until the service answers. */
  assume(offsetMs: number): void;
}

/**
 * Estimates the offset from answers (the midpoint rule of Cristian's algorithm): the true offset lies within half
 * the round trip, so the answer with the shortest one is believed; older ones age by a millisecond per second, so
 * that a drifting clock is noticed.
 */
export function createDeskClock(own: Clock): DeskClock {
  let offset = 0;
  let error = Number.POSITIVE_INFINITY;
  let observedAt = 0;
  const skewed = liveValue(false);
  return {
    get offsetMs() {
      return offset;
    },
    skewed,
    now: () => own.now() + offset,
    assume(offsetMs) {
      if (error === Number.POSITIVE_INFINITY) offset = offsetMs;
    },
    observe(serverTime, sentAt, receivedAt) {
      const server = Date.parse(serverTime);
      if (Number.isNaN(server) || receivedAt < sentAt) return;
      const sample = server - (sentAt + receivedAt) / 2;
      const sampleError = (receivedAt - sentAt) / 2;
      const aged = error + Math.max(0, receivedAt - observedAt) / 1_000;
      // Somebody set the desk's clock: what was known before says nothing any more.
      const jumped = Math.abs(sample - offset) > sampleError + aged;
      if (sampleError > aged && !jumped) return;
      offset = Math.round(sample);
      error = sampleError;
      observedAt = receivedAt;
      skewed.set(Math.abs(offset) > DESK_LIMITS.clockSkewMs);
    },
  };
}
