/** Where the time comes from: injected everywhere, so that tests and simulated worlds own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** The instant as it stands in documents and in the audit log: ISO 8601, UTC, milliseconds. */
export function toInstant(ms: number): string {
  return new Date(ms).toISOString();
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** True for an existing UTC instant with milliseconds, as `toInstant` writes it. */
export function isInstant(value: unknown): value is string {
  if (typeof value !== 'string' || !INSTANT.test(value)) return false;
  const ms = Date.parse(value);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === value;
}
