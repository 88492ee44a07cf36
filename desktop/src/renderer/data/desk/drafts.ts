import type { Json } from '@sivis/shared/docs/json.ts';
import { toInstant, type Clock } from '@sivis/shared/time/clock.ts';
import type { Outbox } from '../db/outbox.ts';
import { DESK_LIMITS } from '../limits.ts';
import type { Timers } from '../net/timers.ts';

/** Forms whose half-filled content is kept: the first part of a draft's key. The rest names what the form is about. */
export const DRAFT_FORMS = ['booking', 'task', 'contact', 'formerName'] as const;
export type DraftForm = (typeof DRAFT_FORMS)[number];

/**
 * What was typed and not committed: the text of a field, a half-filled form. It stands in the encrypted outbox beside
 * the documents and never leaves the desk; it is there again after the lock, a crash or a reload, and goes when it is
 * saved or dismissed.
 */
export interface Drafts {
  /** What was kept under the key, or `undefined`. */
  get(key: string): Json | undefined;
  /** Keys of all drafts, the oldest first. */
  keys(): readonly string[];
  /** Keeps a value; `null` forgets it. On disk within {@link DESK_LIMITS.draftMs}. */
  keep(key: string, value: Json): void;
  /** Writes at once what is not on disk yet. */
  flush(): Promise<void>;
  /** Reads what is on disk; what nobody came back to for a month goes. */
  load(): Promise<void>;
}

interface DraftRecord {
  readonly at: string;
  readonly value: Json;
}

const idOf = (key: string): string => `draft/${key}`;
const keyOf = (id: string): string => id.slice('draft/'.length);

/** Drafts of one user on this desk. A key names the place: ids and names of fields, never what was typed. */
export function createDrafts(ports: {
  readonly outbox: Pick<Outbox, 'all' | 'put' | 'remove'>;
  readonly clock: Clock;
  readonly timers: Pick<Timers, 'set' | 'clear'>;
}): Drafts {
  const { outbox, clock, timers } = ports;
  const kept = new Map<string, DraftRecord>();
  const unwritten = new Set<string>();
  let timer: unknown = null;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const keys = [...unwritten];
    unwritten.clear();
    const put = keys.flatMap((key) => {
      const record = kept.get(key);
      return record === undefined ? [] : [{ id: idOf(key), kind: 'draft' as const, data: record }];
    });
    try {
      await outbox.put(put);
      await outbox.remove(keys.filter((key) => !kept.has(key)).map(idOf));
    } catch (error) {
      for (const key of keys) unwritten.add(key);
      throw error;
    }
  }

  function flush(): Promise<void> {
    if (timer !== null) timers.clear(timer);
    timer = null;
    // One after the other: an older text must not come last.
    writing = writing.catch(() => undefined).then(write);
    return writing;
  }

  return {
    get: (key) => kept.get(key)?.value,
    keys: () => [...kept].sort(([, a], [, b]) => (a.at < b.at ? -1 : 1)).map(([key]) => key),
    keep(key, value) {
      if (value === null && !kept.delete(key)) return;
      if (value !== null) kept.set(key, { at: toInstant(clock.now()), value });
      unwritten.add(key);
      // Counted from the first key, so that whoever types without a pause loses no more than that either.
      timer ??= timers.set(() => void flush().catch(() => undefined), DESK_LIMITS.draftMs);
    },
    flush,
    async load() {
      const all = await outbox.all<DraftRecord>('draft');
      const oldest = clock.now() - DESK_LIMITS.draftDays * 86_400_000;
      const old = all.filter(({ data }) => Date.parse(data.at) < oldest);
      await outbox.remove(old.map(({ id }) => id));
      for (const { id, data } of all) if (!old.some((other) => other.id === id)) kept.set(keyOf(id), data);
    },
  };
}
