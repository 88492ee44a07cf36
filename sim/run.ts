import { memoryDisk } from './disk.ts';
import { runWorld } from './world.ts';

/**
 * `npm run sim -- --seeds N --from S [--steps K] [--json]`: N worlds from seed S on. Prints each broken promise with its
 * seed and ends with exit code 1 when there was one.
 */
const option = (name: string, fallback: number): number => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? fallback : Number(process.argv[index + 1]);
};
const seeds = option('seeds', 100);
const from = option('from', 1);
const steps = option('steps', 160);
const started = performance.now();
let failed = 0;
let operations = 0;
let crashes = 0;
let restored = 0;
const outcomes: Record<string, number> = {};
for (let seed = from; seed < from + seeds; seed += 1) {
  try {
    const report = await runWorld(seed, steps, memoryDisk());
    operations += report.operations;
    crashes += report.crashes;
    restored += report.restored ? 1 : 0;
    for (const [name, count] of Object.entries(report.outcomes))
      outcomes[name] = (outcomes[name] ?? 0) + count;
    if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(report)}\n`);
  } catch (error) {
    failed += 1;
    process.stdout.write(
      `seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  }
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(
  `${seeds} worlds from seed ${from}, ${steps} steps each: ${failed} broken; ${operations} operations ` +
    `${JSON.stringify(outcomes)}, ${crashes} crashes, ${restored} restored backups, ${seconds.toFixed(1)} s\n`,
);
process.exitCode = failed > 0 ? 1 : 0;
