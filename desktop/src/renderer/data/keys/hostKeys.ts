import { workerUrl, type Host } from '../../host/index.ts';
import type { DeriveBytes } from './kdf.ts';
import kdfWorkerUrl from './kdf.worker.ts?worker&url';
import { workerKdf } from './kdfWorker.ts';
import { KeyStoreError } from './keyStoreError.ts';
import type { DeviceSecretSource } from './keyring.ts';

/** Derives where the host can do it outside the page (Electron's main), otherwise in a worker. */
export function hostDerive(host: Pick<Host, 'deriveKey'>): DeriveBytes {
  const inWorker = workerKdf(() => new Worker(workerUrl(kdfWorkerUrl), { type: 'module' }));
  return async (password, salt, params) => {
    const { memoryKiB, iterations, parallelism } = params;
    const key = await host.deriveKey(password, salt, { memoryKiB, iterations, parallelism });
    return key ?? inWorker(password, salt, params);
  };
}

/** The secret of this computer from the host. */
export function hostSecret(host: Pick<Host, 'deviceSecret'>): DeviceSecretSource {
  return async () => {
    const secret = await host.deviceSecret();
    if (secret.state === 'ok') return secret.value;
    if (secret.state === 'none') return null;
    throw new KeyStoreError(secret.reason);
  };
}
