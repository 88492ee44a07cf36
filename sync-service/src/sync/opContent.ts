import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Change, Op } from '@sivis/shared/docs/op.ts';

/**
 * What is kept of an operation beside its answer, without its values: enough to tell the same operation from another one
 * under its id, and to tell whether a change takes it back.
 */
export interface OpContent {
  readonly at: string;
  /** Hash of all but the changes. */
  readonly head: string;
  readonly groupId: string | null;
  /** Hash of before and after, by field. */
  readonly fields: Readonly<Record<string, string>>;
}

const hashOf = (value: unknown): string =>
  createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest('base64url')
    .slice(0, 22);

const changeHash = ({ before, after }: Change): string => hashOf([before, after]);

export function contentOf(op: Op): OpContent {
  const { changes, ...head } = op;
  return {
    at: op.at,
    head: hashOf(head),
    groupId: op.group?.id ?? null,
    fields: Object.fromEntries(Object.entries(changes).map(([field, change]) => [field, changeHash(change)])),
  };
}

/**
 * True for a replay. After a restored backup a desk sends of an edit the fields that were taken; those that clashed are on
 * file there (decision 6).
 */
export function isSameOp(kept: OpContent, op: Op): boolean {
  const again = contentOf(op);
  return (
    kept.head === again.head &&
    Object.entries(again.fields).every(([field, hash]) => kept.fields[field] === hash)
  );
}

/** True when each change makes of what the kept operation made what it found. */
export function takesBack(kept: OpContent, op: Op): boolean {
  return Object.entries(op.changes).every(
    ([field, { before, after }]) => kept.fields[field] === changeHash({ before: after, after: before }),
  );
}
