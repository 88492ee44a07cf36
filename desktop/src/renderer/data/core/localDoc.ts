import { jsonEqual, type Fields } from '@sivis/shared/docs/json.ts';
import { applyOp, applyOps, type Op } from '@sivis/shared/docs/op.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import type { WireDoc } from '@sivis/shared/protocol/messages/sync.ts';
import type { OpWrite } from './unsent.ts';

/**
 * A document on the desk: what the service last said (`base` at `rev`) and the operations for which it has not
 * answered yet. What screens show is `base` with `ops` on top.
 */
export interface LocalDoc {
  readonly id: string;
  readonly kind: Kind;
  readonly siteId: string;
  readonly rev: number;
  readonly deleted: boolean;
  readonly base: Fields;
  readonly ops: readonly Op[];
  /** Raised to make RxDB push again a document whose operations wait for something else. */
  readonly attempt: number;
}

/** The fields as the user sees them: the service's, with the unanswered operations on top. */
export function viewOf(doc: Pick<LocalDoc, 'base' | 'ops'>): Fields {
  return applyOps(doc.base, doc.ops);
}

/** True while operations of the document are not answered. */
export function isPending(doc: Pick<LocalDoc, 'ops'>): boolean {
  return doc.ops.length > 0;
}

/** The document as the service sent it; a blank becomes a deleted document without content. */
export function fromWire(wire: WireDoc): LocalDoc {
  return {
    id: wire.id,
    kind: wire.kind as Kind,
    siteId: wire.siteId,
    rev: wire.rev,
    deleted: wire.deleted,
    base: wire.deleted ? {} : wire.fields,
    ops: [],
    attempt: 0,
  };
}

/** The document with one more operation; a new one when there was none. */
export function withOp(
  doc: LocalDoc | undefined,
  op: Op,
  identity: { id: string; kind: Kind; siteId: string },
): LocalDoc {
  if (doc === undefined || (doc.deleted && doc.ops.length === 0)) {
    return { ...identity, rev: 0, deleted: false, base: {}, ops: [op], attempt: 0 };
  }
  return { ...doc, deleted: false, ops: [...doc.ops, op] };
}

/** The document with operations that it does not have yet. */
export function withOps(doc: LocalDoc | undefined, writes: readonly OpWrite[]): LocalDoc | undefined {
  let now = doc;
  for (const { op, id, kind, siteId } of writes)
    if (now?.ops.some((known) => known.opId === op.opId) !== true)
      now = withOp(now, op, { id, kind, siteId });
  return now;
}

/**
 * The same state for replication: same service revision, same content, same unanswered operations. Service stamps
 * other than the revision are compared nowhere (decision 5).
 */
export function sameState(a: LocalDoc, b: LocalDoc): boolean {
  if (a.rev !== b.rev || a.deleted !== b.deleted || a.ops.length !== b.ops.length) return false;
  if (a.ops.length > 0 && a.attempt !== b.attempt) return false;
  for (let index = 0; index < a.ops.length; index += 1)
    if (a.ops[index]?.opId !== b.ops[index]?.opId) return false;
  return jsonEqual(a.base, b.base);
}

/**
 * The service's document with operations that are still unanswered put back on top of it. A removal tells no site, so
 * the local one stays: the service judges an operation by the site that its desk names.
 */
export function rebase(
  master: LocalDoc,
  local: Pick<LocalDoc, 'ops' | 'attempt' | 'siteId'>,
  pending: readonly Op[] = local.ops,
): LocalDoc {
  if (pending.length === 0) return master;
  const siteId = master.deleted ? local.siteId : master.siteId;
  return { ...master, siteId, deleted: false, ops: pending, attempt: local.attempt };
}

/** What a new operation on this document changes, against what the user sees now. */
export function viewAfter(doc: LocalDoc | undefined, op: Op): Fields {
  return applyOp(doc === undefined ? {} : viewOf(doc), op);
}
