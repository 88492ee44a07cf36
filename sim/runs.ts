import { createHash } from 'node:crypto';
import { memoryDisk } from './disk.ts';
import { runWorld, WorldFailure } from './world.ts';

/** Worlds to run: `seeds` of them from `from` on, every `stride`-th. */
export interface Plan {
  readonly from: number;
  readonly seeds: number;
  readonly steps: number;
  readonly stride: number;
  /** Stops at the first broken world. */
  readonly untilBroken: boolean;
}

export interface Broken {
  readonly seed: number;
  readonly step: number;
  readonly message: string;
  readonly stack: string;
}

/** What the worlds of a run did, added up. */
export interface Totals {
  worlds: number;
  operations: number;
  readonly outcomes: Record<string, number>;
  readonly events: Record<string, number>;
  readonly broken: Broken[];
  /** Trace hashes by seed. */
  readonly hashes: (readonly [number, string])[];
}

export const noTotals = (): Totals => ({
  worlds: 0,
  operations: 0,
  outcomes: {},
  events: {},
  broken: [],
  hashes: [],
});

export function add(into: Totals, other: Totals): void {
  into.worlds += other.worlds;
  into.operations += other.operations;
  for (const name of ['outcomes', 'events'] as const)
    for (const [key, count] of Object.entries(other[name])) into[name][key] = (into[name][key] ?? 0) + count;
  into.broken.push(...other.broken);
  into.hashes.push(...other.hashes);
}

/** One hash over the traces of all worlds. */
export function hashOf({ hashes }: Totals): string {
  const lines = [...hashes].sort(([a], [b]) => a - b).map((one) => one.join(' '));
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}

/** Runs the worlds of a plan one after the other; `told` hears of each hundred. */
export async function runWorlds(
  plan: Plan,
  told: (worlds: number) => void = () => undefined,
): Promise<Totals> {
  const totals = noTotals();
  for (let seed = plan.from; seed < plan.from + plan.seeds; seed += plan.stride) {
    totals.worlds += 1;
    try {
      const { operations, outcomes, events, hash } = await runWorld(seed, plan.steps, memoryDisk());
      add(totals, { worlds: 0, operations, outcomes, events, broken: [], hashes: [[seed, hash]] });
    } catch (error) {
      if (!(error instanceof WorldFailure)) throw error;
      const cause = error.cause instanceof Error ? (error.cause.stack ?? '') : '';
      totals.broken.push({ seed, step: error.step, message: error.message, stack: cause });
      if (plan.untilBroken) break;
    }
    if (totals.worlds % 100 === 0) told(100);
  }
  told(totals.worlds % 100);
  return totals;
}

/** The failure of the shortest prefix of steps after which the world of the seed is broken. */
export async function shortest(seed: number, steps: number): Promise<WorldFailure | undefined> {
  for (let length = 1; length <= steps; length += 1) {
    try {
      await runWorld(seed, length, memoryDisk());
    } catch (error) {
      if (error instanceof WorldFailure) return error;
      throw error;
    }
  }
  return undefined;
}
