import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { recordOf, type Run } from './record.ts';
import { add, hashOf, noTotals, runWorlds, shortest, type Plan, type Totals } from './runs.ts';

/**
 * `npm run sim -- --seeds N --from S [--steps K] [--workers W] [--until-broken] [--trace] [--record DIR]`: N worlds from
 * seed S on. Prints each broken promise with its seed, the shortest prefix of steps that breaks one, and its trace; ends
 * with exit code 1 then. `--trace` prints the trace of the one world of seed S. `--record` writes simulation.md and
 * simulation.json into the folder.
 */
type FromWorker = { readonly told: number } | { readonly totals: Totals };

/** Broken worlds that are looked at closely; each is run many times for it. */
const SHRUNK = 2;

function inWorker(plan: Plan, told: (worlds: number) => void): Promise<Totals> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: plan });
    worker.on('message', (message: FromWorker) => {
      if ('told' in message) told(message.told);
      else resolve(message.totals);
    });
    worker.on('error', reject);
  });
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '100' },
      from: { type: 'string', default: '1' },
      steps: { type: 'string', default: '160' },
      workers: { type: 'string', default: '1' },
      record: { type: 'string' },
      'until-broken': { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
    },
  });
  const [seeds, from, steps, workers] = [values.seeds, values.from, values.steps, values.workers].map(
    Number,
  ) as [number, number, number, number];
  const untilBroken = values['until-broken'];
  const started = performance.now();
  const begun = new Date().toISOString();
  let done = 0;
  const told = (worlds: number): void => {
    if (Math.floor((done + worlds) / 1000) > Math.floor(done / 1000))
      process.stderr.write(`${done + worlds} of ${seeds} worlds\n`);
    done += worlds;
  };
  const totals = noTotals();
  if (workers <= 1) add(totals, await runWorlds({ from, seeds, steps, stride: 1, untilBroken }, told));
  else {
    const plans = Array.from({ length: workers }, (_, index) => ({
      from: from + index,
      seeds: seeds - index,
    }));
    const all = await Promise.all(
      plans.map((plan) => inWorker({ ...plan, steps, stride: workers, untilBroken }, told)),
    );
    for (const one of all) add(totals, one);
  }
  const seconds = (performance.now() - started) / 1000;
  totals.broken.sort((a, b) => a.seed - b.seed);
  for (const { seed, step, stack } of totals.broken)
    process.stdout.write(`seed ${seed}, step ${step}: ${stack}\n`);
  for (const { seed } of untilBroken ? [] : totals.broken.slice(0, SHRUNK)) {
    const failure = await shortest(seed, steps);
    if (failure === undefined) continue;
    process.stdout.write(`\nseed ${seed}, the shortest way (${failure.step} steps): ${failure.message}\n`);
    process.stdout.write(`${failure.trace.join('\n')}\n`);
  }
  process.stdout.write(
    `${totals.worlds} worlds from seed ${from}, ${steps} steps each: ${totals.broken.length} broken; ` +
      `${totals.operations} operations, trace ${hashOf(totals)}, ${seconds.toFixed(1)} s\n` +
      `answers ${JSON.stringify(totals.outcomes)}\nevents ${JSON.stringify(totals.events)}\n`,
  );
  if (values.record !== undefined) {
    const run: Run = {
      ...{ from, seeds: totals.worlds, steps, workers, seconds, begun, commit: commit(), totals },
      command: `npm run sim -- --seeds ${seeds} --from ${from} --workers ${workers} --record ${values.record}`,
      machine: `${os.cpus().length} × ${os.cpus()[0]?.model ?? ''}, Node ${process.version}`,
    };
    const { markdown, json } = recordOf(run);
    mkdirSync(values.record, { recursive: true });
    writeFileSync(path.join(values.record, 'simulation.md'), markdown);
    writeFileSync(path.join(values.record, 'simulation.json'), json);
  }
  process.exitCode = totals.broken.length > 0 ? 1 : 0;
}

if (isMainThread) await main();
else {
  const told = (worlds: number): void => parentPort?.postMessage({ told: worlds } satisfies FromWorker);
  parentPort?.postMessage({ totals: await runWorlds(workerData as Plan, told) } satisfies FromWorker);
}
