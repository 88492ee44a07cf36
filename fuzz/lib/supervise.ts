import { Worker } from 'node:worker_threads';
import type { Tally } from './campaign.ts';
import type { WorkerTask, WorkerWord } from './worker.ts';

/** One decoder may take this long, ms of processor time. */
export const HANG_MS = 5_000;
/** A decoder that waits for something that never comes uses no processor. */
const SILENCE_MS = 120_000;
/** Memory of all decoders together, MiB: above it the thread ends. */
export const HEAP_MIB = 512;
const LOOK_MS = 250;

export interface Result {
  readonly tallies: readonly Tally[];
  /** Decoders that hung, or took the thread with them. */
  readonly lost: readonly { readonly name: string; readonly why: string }[];
  /** Most memory that the process had, MiB. */
  readonly peakMiB: number;
}

type Options = Omit<WorkerTask, 'beats' | 'names'> & { readonly onTally?: (tally: Tally) => void };

interface Run {
  readonly done: string[];
  readonly lost?: { readonly name: string; readonly why: string };
}

function runThread(
  names: readonly string[],
  options: Options,
  tallies: Tally[],
  look: () => void,
): Promise<Run> {
  const beats = new SharedArrayBuffer(4);
  const counter = new Int32Array(beats);
  const { onTally, ...plain } = options;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { ...plain, names, beats } satisfies WorkerTask,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  const done: string[] = [];
  let current = '';
  return new Promise((resolve) => {
    let last = { beat: -1, at: Date.now(), cpu: process.cpuUsage() };
    const timer = setInterval(() => {
      look();
      const beat = Atomics.load(counter, 0);
      if (beat !== last.beat) {
        last = { beat, at: Date.now(), cpu: process.cpuUsage() };
        return;
      }
      const { user, system } = process.cpuUsage(last.cpu);
      const busy = (user + system) / 1_000;
      if (current !== '' && (busy > HANG_MS || Date.now() - last.at > SILENCE_MS))
        finish(`no answer after ${Math.round(busy)} ms of processor time`);
    }, LOOK_MS);
    const finish = (why?: string): void => {
      clearInterval(timer);
      worker.removeAllListeners();
      worker.on('error', () => undefined);
      void worker.terminate();
      resolve(why === undefined ? { done } : { done, lost: { name: current, why } });
    };
    worker.on('message', (word: WorkerWord) => {
      if ('began' in word) {
        current = word.began;
        return;
      }
      tallies.push(word.ended);
      done.push(word.ended.name);
      onTally?.(word.ended);
      current = '';
      last = { ...last, beat: -1 };
    });
    worker.on('error', (error) => finish(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => finish(code === 0 ? undefined : `the thread ended with ${code}`));
  });
}

/** Runs decoders one after the other; one that hangs or crashes is noted, and the others go on. */
export async function supervise(names: readonly string[], options: Options): Promise<Result> {
  const tallies: Tally[] = [];
  const lost: { name: string; why: string }[] = [];
  let peak = 0;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  let left = [...names];
  while (left.length > 0) {
    const run = await runThread(left, options, tallies, look);
    if (run.lost !== undefined) lost.push(run.lost);
    const gone = new Set([...run.done, run.lost?.name]);
    // Nothing done and nobody to blame: the thread does not even start.
    if (run.done.length === 0 && (run.lost === undefined || run.lost.name === '')) {
      if (run.lost !== undefined) throw new Error(run.lost.why);
      break;
    }
    left = left.filter((name) => !gone.has(name));
  }
  return { tallies, lost, peakMiB: Math.round(peak / 1_048_576) };
}
