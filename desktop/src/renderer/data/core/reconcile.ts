import { applyOp } from '@sivis/shared/docs/op.ts';
import { referencesOf } from '@sivis/shared/rules/judge.ts';
import type { LocalDoc } from './localDoc.ts';
import { rejectionOf, type RejectionRecord } from './records.ts';

/**
 * Id reconciliation (decision 4): the documents to erase on the desk because the service no longer lets it hold them,
 * after a removal was missed. `allowed` is every id that the service lists for the collection. A document with
 * unanswered operations stays: the service's answer to them decides.
 */
export function missedRemovals(local: Iterable<LocalDoc>, allowed: ReadonlySet<string>): LocalDoc[] {
  const gone: LocalDoc[] = [];
  for (const doc of local) if (!doc.deleted && doc.ops.length === 0 && !allowed.has(doc.id)) gone.push(doc);
  return gone;
}

/**
 * Documents whose operations wait for what will never come: their document is not at the service and no operation here
 * makes it, one of them refers to a document that is neither there nor on its way, or the rest of their group is gone from
 * the desk. It happens after a restored backup. Only documents that the service has told to wait (`attempt` > 0) begin it;
 * who shares a group with a lost one is lost with it. `local` is everything on the desk, of all collections;
 * `atService` says whether the service lists an id for this desk.
 */
export function waitInVain(local: readonly LocalDoc[], atService: (id: string) => boolean): LocalDoc[] {
  const pending = local.filter((doc) => doc.ops.length > 0);
  const made = new Set(
    pending.filter((doc) => doc.ops.some((op) => op.kind === 'create')).map((doc) => doc.id),
  );
  const members = new Map<string, LocalDoc[]>();
  for (const doc of pending) {
    for (const { group } of doc.ops)
      if (group !== undefined) members.set(group.id, [...(members.get(group.id) ?? []), doc]);
  }
  const lost = new Set<LocalDoc>();
  for (const doc of pending) {
    if (doc.attempt === 0) continue;
    const isThere = atService(doc.id);
    const refersToNothing = newReferences(doc).some((id) => !atService(id) && !made.has(id));
    const groupIsGone = doc.ops.some(
      ({ group }) => group !== undefined && (members.get(group.id)?.length ?? 0) < group.size,
    );
    if (refersToNothing || (!isThere && (!made.has(doc.id) || groupIsGone))) lost.add(doc);
  }
  for (const doc of [...lost]) {
    for (const { group } of doc.ops)
      if (group !== undefined) for (const other of members.get(group.id) ?? []) lost.add(other);
  }
  return [...lost];
}

/** What unanswered operations refer to and the document before them did not; a later one does not help one that waits. */
function newReferences({ kind, base, ops }: LocalDoc): string[] {
  let before = base;
  return ops.flatMap((op) => {
    const had = new Set(referencesOf(kind, before).map(({ id }) => id));
    before = applyOp(before, op);
    return referencesOf(kind, before).flatMap(({ id }) => (had.has(id) ? [] : [id]));
  });
}

/** The records that keep the content of operations that waited in vain; they are filed before the document is erased. */
export function rejectionsOf(doc: LocalDoc): RejectionRecord[] {
  return doc.ops.map((op) => rejectionOf(doc, op, 'missing'));
}

/** The document as it stands on the desk when the service no longer lets it hold one: without content. */
export function removed(doc: LocalDoc): LocalDoc {
  return { ...doc, rev: 0, siteId: '', deleted: true, base: {}, ops: [] };
}

/** The document without operations that were filed as waiting in vain (`filed`); removed when nothing else is left. */
export function giveUp(
  doc: LocalDoc,
  filed: ReadonlySet<string>,
  atService: (id: string) => boolean,
): LocalDoc {
  const ops = doc.ops.filter((op) => !filed.has(op.opId));
  return ops.length > 0 || (atService(doc.id) && doc.rev > 0) ? { ...doc, ops } : removed(doc);
}
