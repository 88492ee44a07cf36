/** What a figure is: something measured in several runs, its peers, its bare limit, and the goal it is held to. */

/** One row of a figure's table: the same work done by one contender, `runs` in the order in which they were made. */
export interface Measured {
  readonly name: string;
  /** `sivis` is judged, `peer` is another product, `bare` the limit that nothing on this machine can beat. */
  readonly role: 'sivis' | 'peer' | 'bare';
  readonly unit: 'ms' | 'MB' | '×' | '/s';
  readonly runs: readonly number[];
}

/** A promise about a figure. `value` is what was measured, in the unit of `limit`; a miss stays in the table. */
export interface Goal {
  readonly text: string;
  readonly value: number;
  readonly unit: Measured['unit'];
  readonly limit: number;
  readonly at: 'most' | 'least';
}

/** What one figure gives. */
export interface Outcome {
  readonly rows: readonly Measured[];
  readonly goals: readonly Goal[];
  /** Facts that a reader needs and that only the run knows. */
  readonly notes?: readonly string[];
}

export interface Figure {
  /** Its name on the command line and of its file of results. */
  readonly name: string;
  readonly title: string;
  /** What is done: data, size of a row, batch, what is the same for all. */
  readonly how: string;
  /** What was found where a goal is missed, or where a figure needs an explanation. */
  readonly story?: string;
  /** Takes so long that it is measured only when it is asked for by its name. */
  readonly asked?: boolean;
  run(log: (line: string) => void): Promise<Outcome>;
}

/** The value below which `share` of the sorted runs lie (nearest rank). */
export function percentile(runs: readonly number[], share: number): number {
  const sorted = runs.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? NaN;
}

export function median(runs: readonly number[]): number {
  const sorted = runs.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? NaN) + upper) / 2;
}

export function holds(goal: Goal): boolean {
  return goal.at === 'most' ? goal.value <= goal.limit : goal.value >= goal.limit;
}

/** Runs the work `times` times, one after the other, and gives how long each took in ms. */
export async function timed(times: number, work: (run: number) => Promise<unknown>): Promise<number[]> {
  const runs: number[] = [];
  for (let run = 0; run < times; run += 1) {
    const start = performance.now();
    await work(run);
    runs.push(performance.now() - start);
  }
  return runs;
}

/** `BENCH_SCALE=0.02` tries a figure on little data; nothing is written down then. */
export const SCALE = Number(process.env['BENCH_SCALE'] ?? '1');

export const scaled = (count: number): number => Math.max(1, Math.round(count * SCALE));
