import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { memoryDisk } from './disk.ts';
import { BROKE_ONCE } from './fixtures/brokeOnce.ts';
import { runWorld } from './world.ts';
import { HALF, STEPS, worldsFrom } from './worldsOf.ts';

describe('simulated worlds', () => {
  worldsFrom(1, HALF);

  it('keep the promises where one was broken once', async () => {
    for (const { seed } of BROKE_ONCE) await runWorld(seed, STEPS, memoryDisk());
  });

  it('repeat from their seed, step by step', async () => {
    const first = await runWorld(4711, STEPS, memoryDisk());
    const second = await runWorld(4711, STEPS, memoryDisk());
    expect(second).toEqual(first);
    expect((await runWorld(4712, STEPS, memoryDisk())).hash).not.toBe(first.hash);
  });

  it('leave nothing behind', async () => {
    const left = (): string[] =>
      ['/dev/shm', tmpdir()].flatMap((place) => {
        try {
          return readdirSync(place).filter((name) => name.startsWith(`sivis-sim-${process.pid}-`));
        } catch {
          return [];
        }
      });
    const disk = memoryDisk();
    const store = await disk.open();
    await disk.copy(store);
    await store.close();
    expect(left()).toHaveLength(1);
    disk.clear();
    expect(left()).toEqual([]);
  });
});
