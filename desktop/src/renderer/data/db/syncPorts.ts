import { COLLECTIONS, isKind, kindsOf, type Collection } from '@sivis/shared/docs/kinds.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import {
  idsResponseSchema,
  pullResponseSchema,
  pushResponseSchema,
  type PullRequest,
  type PullResponse,
  type PushResponse,
  type PushRow,
} from '@sivis/shared/protocol/messages/sync.ts';
import { idsPath, pullPath, pushPath } from '@sivis/shared/protocol/paths.ts';
import { referencesOf } from '@sivis/shared/rules/judge.ts';
import { viewOf, type LocalDoc } from '../core/localDoc.ts';
import { DESK_LIMITS } from '../limits.ts';
import type { Api } from '../net/api.ts';
import type { DocStore } from './docStore.ts';

/** The three calls of sync, read with the wire schemas. */
export interface SyncCalls {
  pull(collection: Collection, request: PullRequest, signal: AbortSignal): Promise<PullResponse>;
  push(collection: Collection, rows: readonly PushRow[], signal: AbortSignal): Promise<PushResponse>;
  /** Every id of the collection that this user may hold. */
  ids(collection: Collection, signal: AbortSignal): Promise<ReadonlySet<string>>;
}

export function createSyncCalls(api: Api): SyncCalls {
  const timeoutMs = DESK_LIMITS.syncRequestMs;
  return {
    async pull(collection, request, signal) {
      const page = await api.call(pullPath(collection), request, pullResponseSchema, { timeoutMs, signal });
      const kinds = kindsOf(collection);
      // A kind that this program does not know cannot be stored; skipping it would lose it for good.
      const strange = page.documents.find((doc) => !isKind(doc.kind) || !kinds.includes(doc.kind));
      if (strange !== undefined) throw new SivisError('CLIENT_TOO_OLD', { kind: strange.kind });
      return page;
    },
    push: (collection, rows, signal) =>
      api.call(pushPath(collection), { rows }, pushResponseSchema, { timeoutMs, signal }),
    async ids(collection, signal) {
      const ids = new Set<string>();
      for (let after = ''; ;) {
        const page = await api.call(
          idsPath(collection),
          { after, limit: DESK_LIMITS.idsPage },
          idsResponseSchema,
          { timeoutMs, signal },
        );
        for (const id of page.ids) ids.add(id);
        const last = page.ids.at(-1);
        if (!page.more || last === undefined) return ids;
        after = last;
      }
    },
  };
}

/**
 * New documents of earlier collections to which the documents refer and that were never sent: their push goes
 * first, so that the service need not answer `waits`. What already waits there is not waited for here.
 */
export function unsentReferences(
  collection: Collection,
  docs: readonly LocalDoc[],
  store: Pick<DocStore, 'pending'>,
  parked: (collection: Collection) => ReadonlySet<string>,
): string[] {
  const earlier = COLLECTIONS.slice(0, COLLECTIONS.indexOf(collection));
  const unsent = new Set<string>();
  for (const doc of docs) {
    for (const { id } of referencesOf(doc.kind, viewOf(doc))) {
      for (const other of earlier) {
        const target = store.pending(other).get(id);
        if (target?.rev === 0 && !parked(other).has(id)) unsent.add(id);
      }
    }
  }
  return [...unsent];
}
