import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from '@sivis/shared/protocol/version.ts';

/**
 * Looks at the version in the path of a call, before anything else: an old desk must be told to update, whatever it
 * asks. Throws CLIENT_TOO_OLD, or UNKNOWN_VERSION for what this service does not know (yet).
 */
export function requireVersion(version: string): void {
  const number = /^\d+$/.test(version) ? Number(version) : Number.NaN;
  if (number < OLDEST_PROTOCOL_VERSION)
    throw new SivisError('CLIENT_TOO_OLD', { oldest: OLDEST_PROTOCOL_VERSION });
  if (!(number <= PROTOCOL_VERSION)) throw new SivisError('UNKNOWN_VERSION', { newest: PROTOCOL_VERSION });
}
