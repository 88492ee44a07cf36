import type { Collection } from '@sivis/shared/docs/kinds.ts';
import type { PullRequest, PullResponse } from '@sivis/shared/protocol/messages.ts';
import { fromWire, rebase, type LocalDoc } from './localDoc.ts';

/** The checkpoint as RxDB stores it: the service's opaque one in an object. */
export interface LocalCheckpoint {
  readonly cp: string;
}

/** What the handler remembers beside RxDB, because RxDB throws an empty page's checkpoint away. */
export interface HighWater {
  /** The checkpoint that RxDB has, and the later one that came with an empty page. */
  readonly after: string | null;
  readonly cp: string;
}

export interface PullPorts {
  fetch(collection: Collection, request: PullRequest): Promise<PullResponse>;
  /** Local documents by id, as they are now; absent ones are left out. */
  local(collection: Collection, ids: readonly string[]): Promise<readonly LocalDoc[]>;
  highWater(collection: Collection): Promise<HighWater | null>;
  setHighWater(collection: Collection, mark: HighWater | null): Promise<void>;
  /**
   * Asks a human whether a removal of that size is meant (decision 4). Resolves when it is; rejects when it is
   * refused or not answered yet, and the pull is tried again later with nothing removed.
   */
  consentToRemoval(collection: Collection, removals: number, held: number): Promise<void>;
  /** The service came back from a backup: answered operations are to be pushed again (`requeue`). */
  resync(collection: Collection): Promise<void>;
}

/** Below this many documents on the desk a large removal is normal (the last guests leave a small house). */
export const REMOVAL_ASK_FROM = 20;

/**
 * The pull handler: one page of the service's documents, with unanswered operations of parked documents put back on
 * top. `checkpoint` is what RxDB has, `null` at the start. Rejects when no answer came.
 */
export function createPullHandler(collection: Collection, ports: PullPorts) {
  let removalsAgreed = false;
  return async function pull(
    checkpoint: LocalCheckpoint | null | undefined,
    limit: number,
  ): Promise<{ documents: LocalDoc[]; checkpoint: LocalCheckpoint | null; more: boolean }> {
    const known = checkpoint?.cp ?? null;
    const mark = await ports.highWater(collection);
    const start = mark !== null && mark.after === known ? mark.cp : known;
    const page = await ports.fetch(collection, { checkpoint: start, limit });
    if (page.resync === 'epoch') await ports.resync(collection);
    if (page.removals * 2 > page.held && page.held >= REMOVAL_ASK_FROM && !removalsAgreed) {
      await ports.consentToRemoval(collection, page.removals, page.held);
      removalsAgreed = true;
    }
    if (!page.more) removalsAgreed = false;
    if (page.documents.length === 0) {
      if (page.checkpoint !== start)
        await ports.setHighWater(collection, { after: known, cp: page.checkpoint });
      return { documents: [], checkpoint: checkpoint ?? null, more: page.more };
    }
    const local = await ports.local(
      collection,
      page.documents.map((doc) => doc.id),
    );
    const pending = new Map(local.filter((doc) => doc.ops.length > 0).map((doc) => [doc.id, doc]));
    const documents = page.documents.map((wire) => {
      const master = fromWire(wire);
      const mine = pending.get(wire.id);
      return mine === undefined ? master : rebase(master, mine.ops, mine.attempt);
    });
    return { documents, checkpoint: { cp: page.checkpoint }, more: page.more };
  };
}
