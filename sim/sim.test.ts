import { describe, expect, it } from 'vitest';
import { memoryDisk } from './disk.ts';
import { runWorld } from './world.ts';

/**
 * Seeds that broke a promise once: the rest of a refused group gone before a restore (13, 30, 1363), edits of what a backup
 * lacks (108, 195, 229, 252, 284), an answer given anew before its desk knew (1197), a clash task overwritten by another (1482),
 * a swap refused a guest for the sake of the one who left the room in the same step, and told nobody (160), a page passed over because of an earlier crash and forgotten in a later one (170),
 * the rest of a group whose answer was a clash gone before a restore (880).
 */
const BROKE_ONCE = [13, 30, 108, 160, 170, 195, 229, 252, 284, 880, 1197, 1363, 1482];
const WORLDS = 300;
const CHUNK = 30;
const STEPS = 160;

describe('simulated worlds', () => {
  for (let from = 1; from <= WORLDS; from += CHUNK) {
    it(`keep the five promises: seeds ${from} to ${from + CHUNK - 1}`, async () => {
      for (let seed = from; seed < from + CHUNK; seed += 1) {
        const report = await runWorld(seed, STEPS, memoryDisk());
        expect(report.operations, `seed ${seed} did nothing`).toBeGreaterThan(0);
      }
    });
  }

  it('keep the promises in worlds that broke one once', async () => {
    for (const seed of BROKE_ONCE) await runWorld(seed, STEPS, memoryDisk());
  });

  it('repeat from their seed', async () => {
    const first = await runWorld(4711, STEPS, memoryDisk());
    const second = await runWorld(4711, STEPS, memoryDisk());
    expect(second).toEqual(first);
  });
});
