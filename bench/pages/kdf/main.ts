import { KDF_PARAMS } from '../../../desktop/src/renderer/data/keys/kdf.ts';
import { workerKdf } from '../../../desktop/src/renderer/data/keys/kdfWorker.ts';
import kdfWorkerUrl from '../../../desktop/src/renderer/data/keys/kdf.worker.ts?worker&url';
import { offerWork } from '../stopwatch.ts';

offerWork(async () => {
  const derive = workerKdf(() => new Worker(kdfWorkerUrl, { type: 'module' }));
  const start = performance.now();
  await derive('a password of twelve', crypto.getRandomValues(new Uint8Array(16)), KDF_PARAMS);
  return performance.now() - start;
});
