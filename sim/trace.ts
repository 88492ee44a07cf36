import { createHash } from 'node:crypto';

/** What happened in a world, line by line: equal for equal seeds, and printed when a promise broke. */
export interface Trace {
  readonly lines: readonly string[];
  note(line: string): void;
  /** Counts a kind of event for the report. */
  count(event: string): void;
  readonly counts: Readonly<Record<string, number>>;
  hash(): string;
}

export function createTrace(): Trace {
  const lines: string[] = [];
  const counts: Record<string, number> = {};
  return {
    lines,
    counts,
    note: (line) => {
      lines.push(line);
    },
    count: (event) => {
      counts[event] = (counts[event] ?? 0) + 1;
    },
    hash: () => createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16),
  };
}
