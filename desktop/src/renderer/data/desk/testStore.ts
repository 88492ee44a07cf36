import { collectionOf, COLLECTIONS, type Collection, type Kind } from '@sivis/shared/docs/kinds.ts';
import type { LocalDoc } from '../core/localDoc.ts';
import type { DocChange } from '../db/docStore.ts';
import { emitter } from '../live.ts';

export interface TestDoc {
  readonly id: string;
  readonly kind: Kind;
  readonly siteId: string;
  readonly fields: object;
}

/** For tests of what stands on the document store: documents in memory, changed by hand. */
export function testStore(initial: readonly TestDoc[]) {
  const docs = Object.fromEntries(COLLECTIONS.map((name) => [name, new Map<string, LocalDoc>()])) as Record<
    Collection,
    Map<string, LocalDoc>
  >;
  const changes = emitter<DocChange>();
  const local = (doc: TestDoc): LocalDoc => ({
    id: doc.id,
    kind: doc.kind,
    siteId: doc.siteId,
    rev: 1,
    deleted: false,
    base: doc.fields as LocalDoc['base'],
    ops: [],
    attempt: 0,
  });
  const put = (list: readonly TestDoc[]): void => {
    for (const doc of list) {
      const collection = collectionOf(doc.kind);
      docs[collection].set(doc.id, local(doc));
      changes.emit({ collection, docs: [local(doc)] });
    }
  };
  put(initial);
  return {
    put,
    remove(id: string, kind: Kind) {
      const collection = collectionOf(kind);
      docs[collection].delete(id);
      changes.emit({ collection, docs: [{ ...local({ id, kind, siteId: '', fields: {} }), deleted: true }] });
    },
    changes,
    all: (collection: Collection): Iterable<LocalDoc> => docs[collection].values(),
  };
}
