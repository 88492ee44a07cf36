import type { Collection } from '@sivis/shared/docs/kinds.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { PullRequest, PullResponse } from '@sivis/shared/protocol/messages/sync.ts';
import { createArrivals, type Arrivals } from './arrivals.ts';
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
  /** The service came back from a backup, or may have: answered operations are to be pushed again (`requeueAll`). */
  resync(collection: Collection): Promise<void>;
  /** A page came and may be handed over; what is to be written down about it is written here. */
  received(collection: Collection, page: PullResponse): Promise<void>;
  /** Called with ids that are handed over with operations on top: RxDB takes these for sent, so push them again. */
  parked(collection: Collection, ids: readonly string[]): void;
}

/** Below this many documents on the desk a large removal is normal (the last guests leave a small house). */
export const REMOVAL_ASK_FROM = 20;

/**
 * The pull handler: one page of the service's documents, with unanswered operations put back on top, and what earlier
 * pages brought and RxDB passed over. `checkpoint` is what RxDB has, `null` at the start. Rejects when no answer came.
 * A checkpoint that the service does not know any more is forgotten, and the service taken for a restored one
 * (docs/sync-protocol.md, 1).
 */
export function createPullHandler(
  collection: Collection,
  ports: PullPorts,
  arrivals: Arrivals = createArrivals(),
) {
  let removalsAgreed = false;
  /** Within one run of pages RxDB still writes the earlier ones. */
  let newRun = true;

  async function fetch(
    start: string | null,
    limit: number,
  ): Promise<{ page: PullResponse; start: string | null; isStrange: boolean }> {
    try {
      const page = await ports.fetch(collection, { checkpoint: start, limit });
      return { page, start, isStrange: false };
    } catch (error) {
      if (start === null || !(error instanceof SivisError) || error.code !== 'BAD_CHECKPOINT') throw error;
      const page = await ports.fetch(collection, { checkpoint: null, limit });
      return { page, start: null, isStrange: true };
    }
  }

  return async function pull(
    checkpoint: LocalCheckpoint | null | undefined,
    limit: number,
  ): Promise<{ documents: LocalDoc[]; checkpoint: LocalCheckpoint | null; more: boolean }> {
    const known = checkpoint?.cp ?? null;
    const mark = await ports.highWater(collection);
    const { page, start, isStrange } = await fetch(
      mark !== null && mark.after === known ? mark.cp : known,
      limit,
    );
    // A service with other keys cannot tell whether it came back from a backup.
    if (page.resync === 'epoch' || isStrange) {
      arrivals.forget();
      await ports.resync(collection);
    }
    // Whoever was given other rights knows why documents go.
    if (page.resync === 'rights') removalsAgreed = true;
    if (page.removals * 2 > page.held && page.held >= REMOVAL_ASK_FROM && !removalsAgreed) {
      await ports.consentToRemoval(collection, page.removals, page.held);
      removalsAgreed = true;
    }
    if (!page.more) removalsAgreed = false;
    const lookBack = newRun;
    newRun = !page.more;
    await ports.received(collection, page);

    const masters = new Map(page.documents.map((wire) => [wire.id, fromWire(wire)]));
    if (masters.size === 0 && page.checkpoint !== start)
      await ports.setHighWater(collection, { after: known, cp: page.checkpoint });
    for (const master of masters.values()) arrivals.note(master);
    // Last of all: an answer that is written after this read makes of the operations on top what was answered already.
    const ids = [...new Set([...masters.keys(), ...arrivals.ids()])];
    const local = new Map((await ports.local(collection, ids)).map((doc) => [doc.id, doc]));
    const open = arrivals.unlanded(local);
    if (lookBack) for (const master of open) masters.set(master.id, master);
    const documents = [...masters.values()].map((master) => {
      const mine = local.get(master.id);
      return mine === undefined ? master : rebase(master, mine);
    });
    const onTop = documents.filter((doc) => doc.ops.length > 0).map((doc) => doc.id);
    if (onTop.length > 0) ports.parked(collection, onTop);
    if (documents.length === 0) return { documents, checkpoint: checkpoint ?? null, more: page.more };
    return { documents, checkpoint: { cp: page.checkpoint }, more: page.more };
  };
}
