import type { Precache } from './shell.ts';
import type { WorkerScope } from './worker.ts';
import { runShellWorker } from './worker.ts';

// The build puts the list of files in the place of this word.
const precache = JSON.parse('__SIVIS_PRECACHE__') as Precache;

runShellWorker(
  globalThis as unknown as WorkerScope<Request>,
  precache,
  (path) => new Request(path, { cache: 'reload', credentials: 'omit' }),
);
