import { openDatabase, type AnyStorage } from '../db/database.ts';
import { createDocStore } from '../db/docStore.ts';
import type { OpenKey } from '../keys/keyring.ts';
import { pendingFile, pendingRows, type PendingFile, type SealPorts } from './pendingFile.ts';

/** Opens the database of a key, reads what was not sent, and closes it: nothing is shown, sent or changed. */
export async function pendingOfKey(
  key: OpenKey,
  storage: AnyStorage,
  ports: SealPorts,
): Promise<PendingFile | null> {
  const database = await openDatabase({ key, inner: storage, quarantined: () => undefined });
  const store = createDocStore(database);
  try {
    await store.load();
    const rows = pendingRows(store);
    return rows.length === 0 ? null : await pendingFile(rows, ports);
  } finally {
    store.close();
    await database.close();
  }
}
