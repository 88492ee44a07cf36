import { parentPort, workerData } from 'node:worker_threads';
import { allTargets } from '../targets/index.ts';
import { fuzz, type Tally } from './campaign.ts';
import { keep, keptOf } from './corpus.ts';

/** The thread in which decoders run, so that one that hangs or eats all memory can be ended from outside. */
export interface WorkerTask {
  readonly names: readonly string[];
  readonly executions: number;
  readonly seed: number;
  /** Whether inputs with new outcomes go to the corpus. */
  readonly keep: boolean;
  /** One number that grows with every execution. */
  readonly beats: SharedArrayBuffer;
}
export type WorkerWord = { readonly began: string } | { readonly ended: Tally };

const task = workerData as WorkerTask;
const beats = new Int32Array(task.beats);
const say = (word: WorkerWord): void => parentPort?.postMessage(word);

for (const target of await allTargets(task.names)) {
  say({ began: target.name });
  const tally = await fuzz(target, {
    executions: task.executions,
    seed: task.seed,
    kept: keptOf,
    before: () => void Atomics.add(beats, 0, 1),
    ...(task.keep ? { fresh: keep } : {}),
  });
  say({ ended: tally });
  // The word has to leave before the next decoder may take the thread with it.
  await new Promise((resolve) => setImmediate(resolve));
}
