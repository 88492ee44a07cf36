import { newId } from '@sivis/shared/ids/ids.ts';
import { toInstant, type Clock } from '@sivis/shared/time/clock.ts';
import { DESK_LIMITS } from '../limits.ts';
import type { Outbox } from './outbox.ts';

/** One line of the sync log: codes and counts. It can be copied for support, so it never holds personal data. */
export interface SyncLogEntry {
  readonly at: string;
  readonly event: string;
  readonly collection?: string;
  readonly count?: number;
  readonly code?: string;
}

export interface SyncLog {
  /** Notes an event; written in the background, because sync must not wait for its own log. */
  note(entry: Omit<SyncLogEntry, 'at'>): void;
  /** Newest first. */
  read(): Promise<readonly SyncLogEntry[]>;
  /** Drops what is older than 30 days or beyond the limit. */
  tidy(): Promise<void>;
  /** The log as text, for support. */
  copyForSupport(facts: Readonly<Record<string, string | number>>): Promise<string>;
  /** Resolves when everything noted is on disk. */
  settled(): Promise<void>;
}

const DAY_MS = 86_400_000;

export function createSyncLog(outbox: Outbox, clock: Clock): SyncLog {
  let writing: Promise<void> = Promise.resolve();
  let waiting: { id: string; data: SyncLogEntry }[] = [];

  function flush(): void {
    writing = writing.then(async () => {
      const batch = waiting;
      waiting = [];
      await outbox.put(batch.map(({ id, data }) => ({ id, kind: 'syncLog', data })));
    });
    // A log that cannot be written (disk full, desk locked meanwhile) must not stop the work it tells about.
    writing = writing.catch(() => undefined);
  }

  async function read(): Promise<SyncLogEntry[]> {
    await writing;
    return (await outbox.all<SyncLogEntry>('syncLog')).map(({ data }) => data).reverse();
  }

  return {
    note(entry) {
      waiting.push({ id: newId(), data: { at: toInstant(clock.now()), ...entry } });
      if (waiting.length === 1) flush();
    },
    read,
    async tidy() {
      const oldest = clock.now() - DESK_LIMITS.syncLogDays * DAY_MS;
      const all = await outbox.all<SyncLogEntry>('syncLog');
      const surplus = all.length - DESK_LIMITS.syncLogEntries;
      const old = all.filter(({ data }, index) => index < surplus || Date.parse(data.at) < oldest);
      await outbox.remove(old.map(({ id }) => id));
    },
    async copyForSupport(facts) {
      const head = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
      const lines = (await read()).map((entry) =>
        [entry.at, entry.event, entry.collection ?? '-', entry.count ?? '-', entry.code ?? '-'].join('\t'),
      );
      return [...head, '', ...lines].join('\n');
    },
    settled: () => writing,
  };
}
