/**
 * Version of the wire protocol; it stands in the path of every sync request. A change of a schema in
 * `messages.ts` or `docs/op.ts` without a step here fails the hash test.
 *
 * History: 1 — pull, push, ids, tickets, notices, desk audit events (first release).
 */
export const PROTOCOL_VERSION = 1;

/** The oldest version that the service still answers; an older desk gets 426. */
export const OLDEST_PROTOCOL_VERSION = 1;
