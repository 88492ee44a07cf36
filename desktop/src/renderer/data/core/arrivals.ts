import type { LocalDoc } from './localDoc.ts';

/**
 * The service's documents that pages handed to RxDB, until they are seen on the desk. RxDB passes over a page's
 * document while the local one is unsent and moves its checkpoint all the same, so that the answer to a push, which
 * may be older than the page, would stay for good. The pull and the push handler of a collection share one.
 */
export interface Arrivals {
  /** A page brought the document; a removal is a deleted one. */
  note(master: LocalDoc): void;
  /**
   * The document to keep of the one in a push answer and the one that a page brought. Who of the two is newer is told
   * by `rev`; where that tells nothing (removals, equal revisions under other rights) the page is believed, because
   * whatever came after it in the service's order comes with the next page.
   */
  newest(answer: LocalDoc): LocalDoc;
  ids(): string[];
  /** The documents that are not what the desk has (`local`, by id); forgets those that it has and nothing rests on. */
  unlanded(local: ReadonlyMap<string, LocalDoc>): LocalDoc[];
  /** The service came back from a backup: its revisions began anew, and answers of before count no longer. */
  forget(): void;
  /** Counts how often that was. */
  era(): number;
}

export function createArrivals(): Arrivals {
  const masters = new Map<string, LocalDoc>();
  let era = 0;
  return {
    note(master) {
      const known = masters.get(master.id);
      // Two readings of the collection may overtake one another.
      if (known !== undefined && !known.deleted && !master.deleted && known.rev > master.rev) return;
      masters.set(master.id, master);
    },
    newest(answer) {
      const known = masters.get(answer.id);
      if (known === undefined) return answer;
      return !known.deleted && !answer.deleted && answer.rev > known.rev ? answer : known;
    },
    ids: () => [...masters.keys()],
    unlanded(local) {
      const open: LocalDoc[] = [];
      for (const [id, master] of masters) {
        const mine = local.get(id);
        if (mine !== undefined && mine.ops.length > 0) {
          // Kept also when it is here: an older answer may still be under way.
          if (mine.rev !== master.rev) open.push(master);
        } else if (master.deleted ? mine === undefined || mine.deleted : hasIt(mine, master)) {
          masters.delete(id);
        } else open.push(master);
      }
      return open;
    },
    forget() {
      era += 1;
      masters.clear();
    },
    era: () => era,
  };
}

function hasIt(mine: LocalDoc | undefined, master: LocalDoc): boolean {
  return mine !== undefined && !mine.deleted && mine.rev >= master.rev;
}
