import { mutate } from './mutate.ts';
import { createRandom, seedOf } from './random.ts';
import type { Target } from './target.ts';

/** What one decoder did with all that it was given. */
export interface Tally {
  readonly name: string;
  readonly door: string;
  executions: number;
  /** How often each outcome came. */
  readonly outcomes: Record<string, number>;
  /** Processor time of the slowest, ms. */
  slowestMs: number;
  /** Processor time of all, ms. */
  usedMs: number;
  readonly findings: Finding[];
}

export interface Finding {
  /** Base64 of at most 64 KiB of the input. */
  readonly input: string;
  readonly error: string;
}

export interface Campaign {
  readonly executions: number;
  readonly seed: number;
  /** Inputs that were kept from earlier runs. */
  kept(name: string): readonly Uint8Array[];
  /** Called before every execution. */
  before?(name: string): void;
  /** An input with an outcome that no input had before. */
  fresh?(name: string, outcome: string, input: Uint8Array): void;
}

const MOST_FINDINGS = 3;
const MOST_KEPT = 400;
const MOST_KEPT_BYTES = 4_096;
const MOST_FINDING_BYTES = 65_536;

/** Codes that a program gives its own mistakes are no refusals. */
function refusal(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && !code.startsWith('ERR_') ? code : undefined;
}

const polluted = (): boolean => {
  for (const key in {}) return key !== '';
  return false;
};

/**
 * Gives a decoder its seeds, what was kept, and changed ones until it had as many as asked for. Inputs that bring a new
 * outcome are changed further.
 */
export async function fuzz(target: Target, campaign: Campaign): Promise<Tally> {
  const random = createRandom(seedOf(campaign.seed, target.name));
  const pool = [...target.seeds, ...campaign.kept(target.name)];
  const first = pool.length;
  const tally: Tally = {
    name: target.name,
    door: target.door,
    executions: 0,
    outcomes: {},
    slowestMs: 0,
    usedMs: 0,
    findings: [],
  };
  while (tally.executions < campaign.executions && tally.findings.length < MOST_FINDINGS) {
    const whole = tally.executions < first ? pool[tally.executions] : undefined;
    const input = whole ?? mutate(random, random.of(pool), random.of(pool), target.json);
    campaign.before?.(target.name);
    tally.executions += 1;
    const begin = process.threadCpuUsage();
    let outcome: string | undefined;
    try {
      outcome = input.length > target.limit ? 'TOO_LARGE' : await target.run(input);
      if (polluted()) throw new TypeError('the prototype of all objects was changed');
    } catch (error) {
      outcome = refusal(error);
      if (outcome === undefined) {
        outcome = 'FINDING';
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        tally.findings.push({
          input: Buffer.from(input.subarray(0, MOST_FINDING_BYTES)).toString('base64'),
          error: text.slice(0, 2_000),
        });
      }
    }
    const used = process.threadCpuUsage(begin);
    const usedMs = (used.user + used.system) / 1_000;
    tally.slowestMs = Math.max(tally.slowestMs, usedMs);
    tally.usedMs += usedMs;
    const known = tally.outcomes[outcome];
    tally.outcomes[outcome] = (known ?? 0) + 1;
    if (known === undefined && whole === undefined && outcome !== 'FINDING') {
      if (pool.length < MOST_KEPT && input.length <= MOST_KEPT_BYTES) {
        pool.push(input);
        campaign.fresh?.(target.name, outcome, input);
      }
    }
  }
  return tally;
}
