import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import type { AnyStorage } from './database.ts';

/**
 * IndexedDB through Dexie. `strict`: a write resolves when it is on disk, not when the browser has taken it (the
 * default of Chromium since version 121 is relaxed).
 */
export function dexieStorage(): AnyStorage {
  return getRxStorageDexie({ chromeTransactionDurability: 'strict' });
}
