import { afterAll, describe, expect, it } from 'vitest';
import { memoryDisk } from '../disk.ts';
import { runRxdbWorld, startDesks } from './world.ts';

describe('worlds with RxDB', () => {
  const processes = startDesks();
  afterAll(() => {
    processes.end();
  });

  it.each([1, 2, 3])('keep the promises: seed %i', async (seed) => {
    const report = await runRxdbWorld(seed, processes, memoryDisk());
    expect(report.operations).toBeGreaterThan(10);
  });
});
