import { describe, expect, it } from 'vitest';
import { memoryDisk } from './disk.ts';
import { runWorld } from './world.ts';

const WORLDS = 300;
const CHUNK = 30;
const STEPS = 160;

describe('simulated worlds', () => {
  for (let from = 1; from <= WORLDS; from += CHUNK) {
    it(`keep the five promises: seeds ${from} to ${from + CHUNK - 1}`, async () => {
      for (let seed = from; seed < from + CHUNK; seed += 1) {
        const report = await runWorld(seed, STEPS, memoryDisk);
        expect(report.operations, `seed ${seed} did nothing`).toBeGreaterThan(0);
      }
    });
  }

  it('repeat from their seed', async () => {
    const first = await runWorld(4711, STEPS, memoryDisk);
    const second = await runWorld(4711, STEPS, memoryDisk);
    expect(second).toEqual(first);
  });
});
