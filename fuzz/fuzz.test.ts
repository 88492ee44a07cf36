import { describe, expect, it } from 'vitest';
import { fuzz } from './lib/campaign.ts';
import { mutate } from './lib/mutate.ts';
import { createRandom } from './lib/random.ts';
import { supervise } from './lib/supervise.ts';
import { bytesOf, textOf, type Target } from './lib/target.ts';
import { allTargets } from './targets/index.ts';

const EXECUTIONS = 5_000;
const SEED = 20_261_121;

const campaign = { executions: 20_000, seed: 1, kept: () => [] };
const target = (run: Target['run']): Target => ({
  name: 'test',
  door: '',
  seeds: [bytesOf({ kind: 'person', fields: { name: 'Liepa', count: 1 }, list: [1, 2] })],
  json: true,
  limit: 20_000_000,
  run,
});

describe('the fuzzer', () => {
  it('finds a decoder that breaks, whatever breaks it', async () => {
    const broken: Record<string, Target['run']> = {
      depth: (input) => {
        const walk = (value: unknown): number =>
          typeof value === 'object' && value !== null
            ? 1 + Math.max(0, ...Object.values(value).map(walk))
            : 0;
        try {
          return walk(JSON.parse(textOf(input))) > 500 ? fail() : 'taken';
        } catch (error) {
          if (error instanceof SyntaxError) return 'malformed';
          throw error;
        }
      },
      surrogate: (input) => (/\\ud[89ab]/i.test(textOf(input)) ? fail() : 'taken'),
      prototype: (input) => (textOf(input).includes('__proto__') ? fail() : 'taken'),
      'key twice': (input) => (textOf(input).split('"kind"').length > 2 ? fail() : 'taken'),
      'not a number': (input) => (/\bNaN\b/.test(textOf(input)) ? fail() : 'taken'),
      'beyond 2^53': (input) => (textOf(input).includes('9007199254740993') ? fail() : 'taken'),
      'UTF-16': (input) => (input[1] === 0 && input[3] === 0 ? fail() : 'taken'),
      cut: (input) => (input.length === 7 ? fail() : 'taken'),
    };
    for (const [name, run] of Object.entries(broken)) {
      const tally = await fuzz(target(run), campaign);
      expect([name, tally.findings.length > 0]).toEqual([name, true]);
    }
  });

  it('takes a refusal with a code for one, and an error of Node’s own for a finding', async () => {
    const coded = await fuzz(
      target(() => Promise.reject(Object.assign(new Error('no'), { code: 'MALFORMED' }))),
      { ...campaign, executions: 10 },
    );
    expect([coded.findings, coded.outcomes]).toEqual([[], { MALFORMED: 10 }]);
    const own = await fuzz(
      target(() => Promise.reject(Object.assign(new Error('no'), { code: 'ERR_OUT_OF_RANGE' }))),
      campaign,
    );
    expect(own.findings).toHaveLength(3);
  });

  it('makes the same inputs of the same seed, and hardly two alike', () => {
    const seed = bytesOf({ a: [1, { b: 'text' }], c: null });
    const run = (): string[] => {
      const random = createRandom(7);
      return Array.from({ length: 300 }, () => textOf(mutate(random, seed, seed, true)));
    };
    expect(run()).toEqual(run());
    expect(new Set(run()).size).toBeGreaterThan(200);
  });

  it('makes no input that fills the memory itself, however large the item is that it copies', () => {
    const random = createRandom(5);
    // Seed and donor hold what earlier changes may have made: an item of a megabyte, in an array.
    const large = bytesOf({ list: [{ note: 'a'.repeat(1_048_576) }] });
    const lengths = Array.from({ length: 200 }, () => mutate(random, large, large, true).length);
    expect(Math.max(...lengths)).toBeGreaterThan(10_000_000);
    expect(Math.max(...lengths)).toBeLessThan(100_000_000);
  });
});

function fail(): never {
  throw new TypeError('broken');
}

describe('every decoder at a door', () => {
  it('takes its seeds', async () => {
    const taken: string[] = [];
    for (const { name, seeds, run } of await allTargets()) {
      const [seed = new Uint8Array()] = seeds;
      taken.push(`${name}: ${(await run(seed)).split(' ')[0] ?? ''}`);
    }
    expect(taken).toEqual(taken.map((line) => `${line.split(':')[0] ?? ''}: taken`));
  });

  it(`gives a value or a coded refusal, ${EXECUTIONS} times each, without a hang and in bounded memory`, async () => {
    const names = (await allTargets()).map(({ name }) => name);
    const { tallies, lost } = await supervise(names, { executions: EXECUTIONS, seed: SEED, keep: false });
    expect(lost).toEqual([]);
    expect(tallies.flatMap(({ name, findings }) => findings.map(({ error }) => `${name}: ${error}`))).toEqual(
      [],
    );
    expect(tallies.map(({ name }) => name)).toEqual(names);
    expect(tallies.every(({ executions }) => executions === EXECUTIONS)).toBe(true);
  }, 600_000);
});
