import { hashOf, type Totals } from './runs.ts';

/** A run that is written down as evidence. */
export interface Run {
  readonly from: number;
  readonly seeds: number;
  readonly steps: number;
  readonly workers: number;
  readonly seconds: number;
  readonly begun: string;
  readonly commit: string;
  readonly command: string;
  readonly machine: string;
  readonly totals: Totals;
}

/** The run as a page for people and as data. */
export function recordOf(run: Run): { markdown: string; json: string } {
  const { totals, ...rest } = run;
  const { hashes: _, ...counts } = totals;
  const data = { ...rest, trace: hashOf(totals), ...counts };
  const table = (head: string, rows: Readonly<Record<string, number>>): string =>
    [
      `| ${head} | count |`,
      '| --- | ---: |',
      ...Object.entries(rows)
        .sort(([a, x], [b, y]) => y - x || a.localeCompare(b))
        .map(([name, count]) => `| ${name} | ${count} |`),
    ].join('\n');
  const broken =
    totals.broken.length === 0
      ? 'No world broke a promise.'
      : totals.broken.map(({ seed, step, message }) => `- seed ${seed}, step ${step}: ${message}`).join('\n');
  const markdown = `# Simulated worlds: a recorded run

- ${run.seeds} worlds, seeds ${run.from} to ${run.from + run.seeds - 1}, ${run.steps} steps each, ${totals.operations} operations
- broken: ${totals.broken.length}
- command: \`${run.command}\`
- commit ${run.commit}, begun ${run.begun}, ${run.seconds.toFixed(0)} s with ${run.workers} worker(s)
- ${run.machine}
- hash over all traces: \`${data.trace}\`

What a world is and what is asked after every step: [simulation](../simulation.md).

${broken}

## Answers of the service

${table('answer', totals.outcomes)}

## What happened

${table('event', totals.events)}
`;
  return { markdown, json: `${JSON.stringify(data, null, 2)}\n` };
}
