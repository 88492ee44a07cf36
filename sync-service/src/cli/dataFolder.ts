import { existsSync } from 'node:fs';
import path from 'node:path';
import { createAuditLog, type AuditLog } from '../audit/auditLog.ts';
import { KEYS_FILE, keyFingerprint, loadKeys, type Keys } from '../identity/keys.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import type { Store } from '../store/store.ts';

export const STORE_FILE = 'sivis.db';

/** An opened data folder: its store, its keys, its log. */
export interface DataFolder {
  readonly dir: string;
  readonly store: Store;
  readonly keys: Keys;
  readonly audit: AuditLog;
}

/** Which keys the instances on a database have. */
const KEYS_META = 'keys';

/** The folder has other keys than the instances that use the database already. */
export class KeysDifferError extends Error {
  readonly code = 'KEYS_DIFFER';
  constructor() {
    super(`${KEYS_FILE} is not that of the other instances on this database`);
    this.name = 'KeysDifferError';
  }
}

/**
 * Instances on one database must have the same keys, or the sessions, checkpoints and pseudonyms of one would be
 * nothing to the other. The first one's are noted; of the others none is made that would be wrong.
 */
async function sharedKeys(store: Store, dir: string): Promise<Keys> {
  const noted = await store.read((tx) => tx.meta(KEYS_META));
  if (noted !== undefined && !existsSync(path.join(dir, KEYS_FILE))) throw new KeysDifferError();
  const keys = loadKeys(dir);
  const own = keyFingerprint(keys);
  const first = await store.write(async (tx) => {
    const known = await tx.meta(KEYS_META);
    if (known === undefined) await tx.setMeta(KEYS_META, own);
    return known ?? own;
  });
  if (first !== own) throw new KeysDifferError();
  return keys;
}

/** Its driver is loaded only where it is used: commands on SQLite start without it. */
async function openPostgres(url: string): Promise<Store> {
  const { openPostgresStore } = await import('../store/postgres/open.ts');
  return openPostgresStore({ url });
}

/**
 * Opens (and creates) a data folder whose lock the caller holds. The store is the folder's own SQLite file, or, with an
 * address, a PostgreSQL database that other instances may use as well. Throws KeysDifferError, and what the store says.
 */
export async function openDataFolder(dir: string, databaseUrl = ''): Promise<DataFolder> {
  const store =
    databaseUrl === ''
      ? await openSqliteStore({ file: path.join(dir, STORE_FILE), backupDir: path.join(dir, 'backups') })
      : await openPostgres(databaseUrl);
  try {
    const keys = databaseUrl === '' ? loadKeys(dir) : await sharedKeys(store, dir);
    return { dir, store, keys, audit: createAuditLog(keys.subject) };
  } catch (error) {
    await store.close();
    throw error;
  }
}
