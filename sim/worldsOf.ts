import { expect, it } from 'vitest';
import { memoryDisk } from './disk.ts';
import { runWorld } from './world.ts';

export const STEPS = 160;
/** Worlds in each of the two files that share them: 300 in all, 2 000 where changes are integrated. */
export const HALF = process.env['CI'] === 'true' ? 1_000 : 150;
const CHUNK = 30;

/** Tests: `count` worlds from the seed on keep their promises; in chunks, so that a failure is told early. */
export function worldsFrom(first: number, count: number): void {
  for (let from = first; from < first + count; from += CHUNK) {
    const to = Math.min(from + CHUNK, first + count);
    it(`keep the five promises: seeds ${from} to ${to - 1}`, async () => {
      let operations = 0;
      for (let seed = from; seed < to; seed += 1)
        operations += (await runWorld(seed, STEPS, memoryDisk())).operations;
      expect(operations).toBeGreaterThan((to - from) * 10);
    });
  }
}
