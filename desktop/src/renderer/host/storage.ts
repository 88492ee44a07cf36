import type { StorageState } from './types.ts';

/** What is needed of `navigator.storage`. */
export type StorageApi = Pick<StorageManager, 'estimate' | 'persisted'>;

/** What the browser says about the room for data; zeros where it says nothing. */
export async function readStorage(api: StorageApi): Promise<StorageState> {
  const [{ usage = 0, quota = 0 }, persisted] = await Promise.all([api.estimate(), api.persisted()]);
  return { usage, quota, persisted };
}
