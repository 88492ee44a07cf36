import { referencesOf } from '@sivis/shared/rules/judge.ts';
import { wordsOf } from '@sivis/shared/rules/words.ts';
import { viewOf, type LocalDoc } from './localDoc.ts';
import type { RejectionRecord } from './records.ts';

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
 * makes it, or they refer to a document that is neither there nor on its way. It happens after a restored backup. Only
 * documents that the service has told to wait (`attempt` > 0) are looked at.
 * `atService` says whether the service lists an id for this desk, `onItsWay` whether a local operation still makes it.
 */
export function waitInVain(
  local: Iterable<LocalDoc>,
  atService: (id: string) => boolean,
  onItsWay: (id: string) => boolean,
): LocalDoc[] {
  const lost: LocalDoc[] = [];
  for (const doc of local) {
    if (doc.ops.length === 0 || doc.attempt === 0 || atService(doc.id)) continue;
    const isMade = doc.ops.some((op) => op.kind === 'create');
    const refersToNothing = referencesOf(doc.kind, viewOf(doc)).some(({ id }) => !atService(id) && !onItsWay(id));
    if (!isMade || refersToNothing) lost.push(doc);
  }
  return lost;
}

/** The records that keep the content of operations that waited in vain; they are filed before the document is erased. */
export function rejectionsOf(doc: LocalDoc): RejectionRecord[] {
  return doc.ops.map((op) => ({
    type: 'rejection',
    id: op.opId,
    docId: doc.id,
    kind: doc.kind,
    siteId: doc.siteId,
    op,
    view: viewOf(doc),
    rejection: { rule: 'op', code: 'missing', params: {}, message: wordsOf('missing', {}, 'lv') },
  }));
}
