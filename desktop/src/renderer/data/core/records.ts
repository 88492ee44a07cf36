import type { Fields, Json } from '@sivis/shared/docs/json.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import type { Rejection } from '@sivis/shared/protocol/messages.ts';

/** What the desk keeps beside its documents until a human has seen it or the service has it. All of it is encrypted. */

/** Two values of one field: the service's is shown, mine stands beside it until somebody chooses (decision 2). */
export interface ConflictRecord {
  readonly type: 'conflict';
  readonly id: string;
  readonly docId: string;
  readonly kind: string;
  readonly siteId: string;
  readonly field: string;
  readonly base: Json;
  readonly mine: Json;
  readonly theirs: Json;
  readonly mineAt: string;
  readonly theirsBy: string;
  readonly theirsAt: string;
  readonly theirsDevice: string;
  readonly opId: string;
}

/** An operation that the service refused, with its full content and the reason in words. */
export interface RejectionRecord {
  readonly type: 'rejection';
  readonly id: string;
  readonly docId: string;
  readonly kind: string;
  readonly siteId: string;
  readonly op: Op;
  /** What the user had on the screen when it was refused. */
  readonly view: Fields;
  readonly rejection: Rejection;
}

/**
 * The operations of one answered push. They are kept for 30 days: when the service comes back from a backup
 * (a new epoch), the desk pushes them again and the service takes what it lacks (decision 6).
 */
export interface SentRecord {
  readonly type: 'sent';
  readonly id: string;
  readonly at: string;
  readonly collection: string;
  readonly rows: readonly {
    readonly id: string;
    readonly kind: string;
    readonly siteId: string;
    readonly ops: readonly Op[];
  }[];
}

export type OutboxRecord = ConflictRecord | RejectionRecord | SentRecord;

/** How long answered operations are kept for a restored service, in days. */
export const SENT_DAYS = 30;
