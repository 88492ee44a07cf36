import type { HostJournal } from '../../host/index.ts';
import { openDatabase, type AnyStorage } from '../db/database.ts';
import { createDocStore } from '../db/docStore.ts';
import { createOutbox } from '../db/outbox.ts';
import { openDeskJournal } from '../journal/deskJournal.ts';
import { answeredOps } from '../journal/unsentOfDesk.ts';
import type { OpenKey } from '../keys/keyring.ts';
import { pendingFile, pendingRows, type PendingFile, type SealPorts } from './pendingFile.ts';

/**
 * Opens the database of a key and its journal, reads what was not sent, and closes them: nothing is shown, sent or
 * changed. The journal has what the database lost or never got. Rejects when either cannot be read.
 */
export async function pendingOfKey(
  key: OpenKey,
  storage: AnyStorage,
  journal: HostJournal | null,
  ports: SealPorts,
  store = 1,
): Promise<PendingFile | null> {
  const kept = journal === null ? [] : (await openDeskJournal(journal, key)).found.writes;
  const database = await openDatabase({ key, store, inner: storage, quarantined: () => undefined });
  const docs = createDocStore(database);
  try {
    await docs.load();
    const answered = await answeredOps(createOutbox(database.outbox));
    const rows = pendingRows(
      docs,
      kept.filter(({ op }) => !answered.has(op.opId)),
    );
    return rows.length === 0 ? null : await pendingFile(rows, ports);
  } finally {
    docs.close();
    await database.close();
  }
}
