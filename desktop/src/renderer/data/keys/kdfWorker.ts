import type { DeriveBytes, KdfReply, KdfRequest } from './kdf.ts';

/** Derives in a worker of its own, which ends with the derivation. Rejects when the worker cannot run. */
export function workerKdf(start: () => Worker): DeriveBytes {
  return (password, salt, params) =>
    new Promise((resolve, reject) => {
      const worker = start();
      const end = (): void => {
        worker.terminate();
      };
      worker.onmessage = (event: MessageEvent<KdfReply>) => {
        end();
        if ('key' in event.data) resolve(event.data.key);
        else reject(new Error(event.data.error));
      };
      worker.onerror = () => {
        end();
        reject(new Error('the derivation worker did not start'));
      };
      worker.postMessage({ password, salt, params } satisfies KdfRequest);
    });
}
