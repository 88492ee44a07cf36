import { parseArgs } from 'node:util';
import { memoryDisk } from '../disk.ts';
import { runRxdbWorld, startDesks } from './world.ts';

/** `npm run sim:rxdb -- [--worlds N] [--from S]`: worlds in which RxDB itself takes part. Exit code 1 when one broke. */
const { values } = parseArgs({
  options: { worlds: { type: 'string', default: '50' }, from: { type: 'string', default: '1' } },
});
const from = Number(values.from);
const worlds = Number(values.worlds);
const started = performance.now();
let operations = 0;
let broken = 0;
const events: Record<string, number> = {};
let processes = startDesks();
for (let seed = from; seed < from + worlds; seed += 1) {
  try {
    const report = await runRxdbWorld(seed, processes, memoryDisk());
    operations += report.operations;
    for (const [name, count] of Object.entries(report.events)) events[name] = (events[name] ?? 0) + count;
  } catch (error) {
    broken += 1;
    process.stdout.write(`seed ${seed}: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
    // What a broken world has left must not reach the next one.
    processes.end();
    processes = startDesks();
  }
}
processes.end();
const seconds = (performance.now() - started) / 1000;
process.stdout.write(
  `${worlds} worlds with RxDB from seed ${from}: ${broken} broken; ${operations} operations, ${seconds.toFixed(1)} s\n` +
    `events ${JSON.stringify(events)}\n`,
);
process.exitCode = broken > 0 ? 1 : 0;
