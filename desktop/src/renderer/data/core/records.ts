import { jsonEqual, type Fields, type Json } from '@sivis/shared/docs/json.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import type { Rejection } from '@sivis/shared/protocol/messages/sync.ts';
import { wordsOf } from '@sivis/shared/rules/words.ts';
import { viewOf, type LocalDoc } from './localDoc.ts';

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
  readonly theirsDeviceName: string;
  readonly opId: string;
  /** The whole operation where none of it was taken: a command, or a member of a group. */
  readonly op?: Op;
  /** Own values of the field that clashed before this one and were never settled, the oldest first. */
  readonly earlier?: readonly EarlierValue[];
}

export type EarlierValue = Pick<ConflictRecord, 'mine' | 'mineAt' | 'opId' | 'op'>;

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

/** Those of the operations that are on file whole: refused, or not taken and kept beside the service's value. */
export function filedWhole(records: Iterable<OutboxRecord>, opIds: readonly string[]): ReadonlySet<string> {
  const filed = new Set<string>();
  for (const record of records) {
    if (record.type === 'rejection') filed.add(record.id);
    if (record.type === 'conflict')
      for (const { op } of [record, ...(record.earlier ?? [])]) if (op !== undefined) filed.add(op.opId);
  }
  return new Set(opIds.filter((opId) => filed.has(opId)));
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

/** The record of an operation on which the desk itself gives up; `view` is what the user has on the screen. */
export function rejectionOf(doc: LocalDoc, op: Op, code: 'missing' | 'groupFailed'): RejectionRecord {
  return {
    type: 'rejection',
    id: op.opId,
    docId: doc.id,
    kind: doc.kind,
    siteId: doc.siteId,
    op,
    view: viewOf(doc),
    rejection: {
      rule: code === 'missing' ? 'op' : 'group',
      code,
      params: {},
      message: wordsOf(code, {}, 'lv'),
    },
  };
}

/** How long answered operations are kept for a restored service, in days. */
export const SENT_DAYS = 30;

/** The fields that the operation sets, as it sets them. */
export function ownFields(op: Op): Fields {
  return Object.fromEntries(
    Object.entries(op.changes).flatMap(([field, { after }]) => (after === null ? [] : [[field, after]])),
  );
}

/** The conflict to file where another one of the same field may be unsettled: no value of the user is dropped. */
export function withEarlier(before: ConflictRecord | undefined, next: ConflictRecord): ConflictRecord {
  if (before === undefined) return next;
  const earlier = before.earlier ?? [];
  // An answer that came again.
  if (earlier.some((value) => value.opId === next.opId)) return before;
  if (before.opId === next.opId) return earlier.length === 0 ? next : { ...next, earlier };
  const { mine, mineAt, opId, op } = before;
  return { ...next, earlier: [...earlier, { mine, mineAt, opId, ...(op === undefined ? {} : { op }) }] };
}

/**
 * What may be kept of a record after documents were removed from the desk (`isGone`): the user's own values, and nothing
 * that only the service had told. `null` when nothing is left, the same record when nothing changes.
 */
export function afterRemoval<R extends OutboxRecord>(
  record: R,
  isGone: (kind: string, id: string) => boolean,
): R | null;
export function afterRemoval(
  record: OutboxRecord,
  isGone: (kind: string, id: string) => boolean,
): OutboxRecord | null {
  if (record.type === 'sent') {
    const rows = record.rows.filter((row) => !isGone(row.kind, row.id));
    if (rows.length === record.rows.length) return record;
    return rows.length === 0 ? null : { ...record, rows };
  }
  if (!isGone(record.kind, record.docId)) return record;
  if (record.type === 'conflict') return record.theirs === null ? record : { ...record, theirs: null };
  const view = ownFields(record.op);
  return jsonEqual(view, record.view) ? record : { ...record, view };
}
