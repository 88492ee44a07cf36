import type { Kind } from '@sivis/shared/docs/kinds.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import type { LocalDoc } from './localDoc.ts';
import type { SentRecord } from './records.ts';

type SentRow = SentRecord['rows'][number];

/**
 * After the service came back from a backup (decision 6): for each document with answered operations, by id, the change
 * that makes them unanswered again, in the order in which they were made. `records` are those of one collection,
 * the oldest first.
 */
export function requeueAll(
  records: readonly SentRecord[],
): ReadonlyMap<string, (doc: LocalDoc | undefined) => LocalDoc | undefined> {
  const rows = new Map<string, SentRow>();
  for (const row of records.flatMap((record) => record.rows)) {
    const known = rows.get(row.id);
    const fresh = row.ops.filter((op) => known?.ops.every((other) => other.opId !== op.opId) ?? true);
    rows.set(row.id, known === undefined ? row : { ...known, ops: [...known.ops, ...fresh] });
  }
  return new Map([...rows].map(([id, row]) => [id, (doc) => requeue(doc, row)]));
}

/**
 * The document with operations that were answered before put in
 * front of its unanswered ones, to be pushed again. The service gives those that it still has their old answer and
 * takes those that the backup lacks. Returns `undefined` when nothing is to be pushed again.
 */
function requeue(doc: LocalDoc | undefined, row: SentRow): LocalDoc | undefined {
  const known = new Set(doc?.ops.map((op) => op.opId) ?? []);
  const again = row.ops.filter((op) => !known.has(op.opId));
  if (again.length === 0) return undefined;
  const base: LocalDoc = doc ?? {
    id: row.id,
    kind: row.kind as Kind,
    siteId: row.siteId,
    rev: 0,
    deleted: false,
    base: {},
    ops: [],
    attempt: 0,
  };
  // A removed document has lost its site.
  const siteId = base.deleted ? row.siteId : base.siteId;
  const ops = createFirst([...again, ...base.ops]);
  return { ...base, siteId, deleted: false, ops, attempt: base.attempt + 1 };
}

/**
 * Records are told apart by ids that tell their age only as long as the desk's clock is not set back. An edit in front of
 * the operation that makes its document would wait for it for ever; in front of another edit it merely clashes with it.
 */
function createFirst(ops: readonly Op[]): Op[] {
  const makes = (op: Op): boolean => op.kind === 'create';
  return [...ops.filter(makes), ...ops.filter((op) => !makes(op))];
}

/**
 * The document to push once more because its operations wait for something at the service, or because a crash fell
 * between the answer and its writing; `undefined` when nothing is unanswered. The service answers replays alike.
 */
export function retry(doc: LocalDoc): LocalDoc | undefined {
  return doc.ops.length === 0 ? undefined : { ...doc, attempt: doc.attempt + 1 };
}
