import path from 'node:path';
import { createAuditLog, type AuditLog } from '../audit/auditLog.ts';
import { loadKeys, type Keys } from '../identity/keys.ts';
import { openSqliteStore, type SqliteStore } from '../store/sqlite/open.ts';

export const STORE_FILE = 'sivis.db';

/** An opened data folder: its store, its keys, its log. */
export interface DataFolder {
  readonly dir: string;
  readonly store: SqliteStore;
  readonly keys: Keys;
  readonly audit: AuditLog;
}

/** Opens (and creates) a data folder whose lock the caller holds. */
export async function openDataFolder(dir: string): Promise<DataFolder> {
  const store = await openSqliteStore({
    file: path.join(dir, STORE_FILE),
    backupDir: path.join(dir, 'backups'),
  });
  const keys = loadKeys(dir);
  return { dir, store, keys, audit: createAuditLog(keys.subject) };
}
