import type { Timers } from '../net/timers.ts';
import { DESK_LIMITS } from '../limits.ts';
import type { DeskEvents } from './deskEvents.ts';

/** What somebody looked for and what the screen shows of it. */
export interface Search {
  /** Name of the screen, as the audit log has it. */
  readonly screen: string;
  readonly text: string;
  readonly total: number;
  readonly personIds: readonly string[];
}

/**
 * The one place that writes `search` entries (decision 10): not for every key, but when typing settles, or sooner when
 * somebody acts on what was found. The text stands in the entry's filter, which the service keeps in the erasable
 * payload.
 */
export interface SearchEvents {
  /** The search as it stands after a key; one of the same screen that has not settled gives way to it. */
  typed(search: Search): void;
  /** The text was taken away again before it settled. */
  dropped(screen: string): void;
  /** Writes what has not settled now; await it before showing more of somebody who was found. */
  settle(): Promise<void>;
}

/** Keeps the search that is being typed and writes it once; the same text is not written twice in a row. */
export function createSearchEvents(
  events: Pick<DeskEvents, 'record'>,
  timers: Pick<Timers, 'set' | 'clear'>,
): SearchEvents {
  let open: Search | null = null;
  let written: Search | null = null;
  let timer: unknown = null;

  function stop(): void {
    if (timer !== null) timers.clear(timer);
    timer = null;
    open = null;
  }

  async function settle(): Promise<void> {
    const search = open;
    stop();
    if (search === null) return;
    written = search;
    const { screen, text, total, personIds } = search;
    await events.record({ action: 'search', screen, filter: text, count: total, personIds: [...personIds] });
  }

  /** Nothing new for the log: the same words found nobody whom it does not name already. */
  function isWritten({ screen, text, personIds }: Search): boolean {
    if (written?.screen !== screen || written.text !== text) return false;
    const named = new Set(written.personIds);
    return personIds.every((id) => named.has(id));
  }

  return {
    typed(search) {
      if (open !== null && open.screen !== search.screen) void settle();
      // The same words again: what arrived meanwhile is shown too, and does not put the entry off.
      if (open?.text === search.text) {
        open = search;
        return;
      }
      stop();
      if (isWritten(search)) return;
      open = search;
      timer = timers.set(() => void settle(), DESK_LIMITS.searchSettledMs);
    },
    dropped(screen) {
      if (open?.screen === screen) stop();
    },
    settle,
  };
}
