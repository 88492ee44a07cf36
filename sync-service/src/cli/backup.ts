import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parse as parseToml } from 'smol-toml';
import { z } from 'zod';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { checkAudit } from '../audit/export.ts';
import { beginNewOrigin } from '../audit/newOrigin.ts';
import { KEYS_FILE } from '../identity/keys.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import type { Store } from '../store/store.ts';
import { ConfigError, type Config } from './config.ts';
import { openDataFolder, STORE_FILE } from './dataFolder.ts';
import type { CommandResult } from './seam.ts';
import { VERSION } from './version.ts';

const MANIFEST = 'manifest.json';
/** What a data folder needs to live again: the store, the keys, and the settings when there are any. */
const SETTINGS_FILE = 'server.toml';
const PARTS = [STORE_FILE, KEYS_FILE, SETTINGS_FILE] as const;

const manifestSchema = z.strictObject({
  version: z.string(),
  createdAt: z.string(),
  epoch: z.string(),
  audit: z.int(),
  headSeq: z.int(),
  files: z.record(z.string(), z.string()),
});

/** What a manifest says; `undefined` for anything that `createBackup` would not have written. */
export function readManifest(text: string): z.infer<typeof manifestSchema> | undefined {
  try {
    return manifestSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Copies the data folder into `target` (which must not exist or be empty) while the service goes on. */
export async function createBackup(
  store: Store,
  dataDir: string,
  target: string,
  nowMs: number,
): Promise<CommandResult> {
  await mkdir(target, { recursive: true, mode: 0o700 });
  if ((await readdir(target)).length > 0)
    return { exit: 1, value: { error: { code: 'not-empty', path: target } } };
  await store.backupTo(path.join(target, STORE_FILE));
  await chmod(path.join(target, STORE_FILE), 0o600);
  for (const part of PARTS.slice(1)) {
    const source = path.join(dataDir, part);
    if (!existsSync(source)) continue;
    await copyFile(source, path.join(target, part));
    await chmod(path.join(target, part), 0o600);
  }
  const files: Record<string, string> = {};
  for (const part of PARTS)
    if (existsSync(path.join(target, part))) files[part] = await sha256(path.join(target, part));
  const state = await inspect(path.join(target, STORE_FILE));
  const manifest = { version: VERSION, createdAt: toInstant(nowMs), ...state.summary, files };
  await writeFile(path.join(target, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, {
    mode: 0o600,
    flush: true,
  });
  return { exit: 0, value: { path: target, ...manifest } };
}

/** Opens a copy of a store file beside nothing of ours, and reads what is in it. */
async function inspect(file: string): Promise<{
  summary: { epoch: string; audit: number; headSeq: number };
  integrity: string;
  broken: readonly (number | string)[];
}> {
  const dir = await mkdtemp(path.join(tmpdir(), 'sivis-check-'));
  try {
    const copy = path.join(dir, STORE_FILE);
    await copyFile(file, copy);
    const store = await openSqliteStore({ file: copy });
    try {
      const summary = await store.read(async (tx) => ({
        epoch: (await tx.meta('epoch')) ?? '',
        audit: await tx.auditSize(),
        headSeq: await tx.headSeq(),
      }));
      const { broken, missing } = await checkAudit(store);
      return { summary, integrity: await store.integrityCheck(), broken: [...broken, ...missing] };
    } finally {
      await store.close();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/**
 * Opens a backup and compares it with its manifest: hashes, SQLite's own check, every audit entry. Exit 3 when
 * something does not agree, 4 when a part is missing.
 */
export async function verifyBackup(source: string): Promise<CommandResult> {
  const file = path.join(source, MANIFEST);
  if (!existsSync(file)) return { exit: 4, value: { error: { code: 'no-manifest', path: source } } };
  const manifest = readManifest(await readFile(file, 'utf8'));
  if (manifest === undefined) return { exit: 3, value: { error: { code: 'manifest-damaged' } } };
  const problems: string[] = [];
  for (const [part, expected] of Object.entries(manifest.files)) {
    const copy = path.join(source, path.basename(part));
    if (!existsSync(copy)) return { exit: 4, value: { error: { code: 'part-missing', part } } };
    if ((await sha256(copy)) !== expected) problems.push(`hash:${part}`);
  }
  for (const part of [STORE_FILE, KEYS_FILE]) {
    if (manifest.files[part] === undefined)
      return { exit: 4, value: { error: { code: 'part-missing', part } } };
  }
  if (problems.length === 0) {
    const state = await inspect(path.join(source, STORE_FILE));
    if (state.integrity !== 'ok') problems.push('integrity');
    if (state.broken.length > 0) problems.push(`audit:${state.broken.join(',')}`);
    for (const key of ['epoch', 'audit', 'headSeq'] as const) {
      if (state.summary[key] !== manifest[key]) problems.push(`manifest:${key}`);
    }
  }
  return {
    exit: problems.length === 0 ? 0 : 3,
    value: {
      path: source,
      problems,
      audit: manifest.audit,
      headSeq: manifest.headSeq,
      createdAt: manifest.createdAt,
    },
  };
}

/** Settings that name a database are kept beside: a restored folder must not work on the database that it came from. */
async function targetName(part: (typeof PARTS)[number], from: string): Promise<string> {
  if (part !== SETTINGS_FILE) return part;
  const table = parseToml(await readFile(from, 'utf8'));
  return 'database_url' in table || 'database_owner_url' in table ? `${part}.from-backup` : part;
}

/**
 * Restores a verified backup into an empty folder. The store gets a new epoch, so that desks push again what the
 * backup lacks, and the audit log a new origin and an entry that name what is continued (decision 6): the last
 * checkpoint that somebody has witnessed, when the caller brings it, otherwise the last one in the backup. With the
 * address of a database the content goes into that one, which has to be empty; whichever engine the backup is of.
 */
export async function restoreBackup(
  source: string,
  target: string,
  nowMs: number,
  database: Pick<Config, 'database_url' | 'database_owner_url'>,
  lastCheckpoint?: string,
): Promise<CommandResult> {
  const checked = await verifyBackup(source);
  if (checked.exit !== 0) return checked;
  await mkdir(target, { recursive: true, mode: 0o700 });
  if ((await readdir(target)).length > 0)
    return { exit: 1, value: { error: { code: 'not-empty', path: target } } };
  const { database_url: url, database_owner_url: ownerUrl } = database;
  if (url !== '') {
    if (ownerUrl === '') throw new ConfigError('restore: norādiet SIVIS_DATABASE_OWNER_URL.');
    const { restoreIntoPostgres, roleOf } = await import('../store/postgres/migrate.ts');
    const filled = await restoreIntoPostgres(ownerUrl, roleOf(url), path.join(source, STORE_FILE));
    if (!filled) return { exit: 1, value: { error: { code: 'not-empty', path: 'database' } } };
  }
  for (const part of PARTS) {
    const from = path.join(source, part);
    if (!existsSync(from) || (part === STORE_FILE && url !== '')) continue;
    const to = path.join(target, await targetName(part, from));
    await copyFile(from, to);
    await chmod(to, 0o600);
  }
  const { store, audit } = await openDataFolder(target, url);
  try {
    const epoch = randomUUID();
    const last = await store.write((tx) =>
      beginNewOrigin(tx, audit, { epoch, nowMs, app: VERSION, lastCheckpoint }),
    );
    return { exit: 0, value: { path: target, epoch, audit: last } };
  } finally {
    await store.close();
  }
}
