import { createPrivateKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@sivis/shared/time/clock.ts';
import { newestBackup } from '../../http/metrics.ts';
import { KEYS_FILE, readKeys } from '../../identity/keys.ts';
import { SERVICE_LIMITS } from '../../limits.ts';
import { readSignerState } from '../../audit/signer/signer.ts';
import { verifyBackup } from '../backup.ts';
import { ConfigError, loadConfig, type Config } from '../config.ts';
import { STORE_FILE } from '../dataFolder.ts';
import { certificateEndMs } from '../listeners.ts';
import { SIGNER_FOLDER } from '../transparency.ts';
import { fine, wrong, type Finding } from './finding.ts';

const HOUR_MS = 3_600_000;
/** A copy a day, and an hour for making it. */
const BACKUP_MS = 25 * HOUR_MS;
/** Time to get a new certificate. */
const CERTIFICATE_MS = 14 * 24 * HOUR_MS;
/** Files that only the service's account may read. */
const OWN_FILES = [KEYS_FILE, STORE_FILE, 'server.toml', `${SIGNER_FOLDER}/key.pem`];

/** The folder to look at. */
export interface Place {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

async function checkDisk({ dataDir }: Place): Promise<Finding> {
  const disk = await statfs(dataDir);
  const free = disk.bavail / disk.blocks;
  const words = `${Math.floor(free * 100)} % brīvi`;
  return free >= SERVICE_LIMITS.diskFreeShare
    ? fine('diska vieta', words)
    : wrong('disk-full', 'diska vieta', `${words}. Ierakstītais ir drošībā. Atbrīvojiet vietu.`, 75);
}

async function checkRights({ dataDir }: Place): Promise<Finding> {
  const check = 'datņu tiesības';
  if (process.platform === 'win32') return fine(check);
  const open: string[] = [];
  const folder = await stat(dataDir);
  for (const name of OWN_FILES) {
    const file = path.join(dataDir, name);
    if (!existsSync(file)) continue;
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0 && (folder.mode & 0o077) !== 0) open.push(name);
  }
  return open.length === 0
    ? fine(check)
    : wrong('rights', check, `${open.join(', ')}: citi tās var lasīt. Labojiet: chmod -R go= ${dataDir}`);
}

function checkKeys({ dataDir }: Place): Finding {
  const check = 'atslēgas';
  const file = path.join(dataDir, KEYS_FILE);
  const advice = `Nekas nav mainīts. Atjaunojiet ${KEYS_FILE} no rezerves kopijas, pirms palaižat servisu.`;
  if (!existsSync(file))
    return existsSync(path.join(dataDir, STORE_FILE))
      ? wrong('keys-missing', check, `datnes ${KEYS_FILE} nav. ${advice}`)
      : fine(check, 'vēl nav');
  try {
    readKeys(readFileSync(file, 'utf8'));
    return fine(check);
  } catch {
    return wrong('keys-damaged', check, `datne ${KEYS_FILE} ir bojāta. ${advice}`);
  }
}

/** The signer that the service starts itself; one under an account of its own is looked at by its own administrator. */
function checkSignerFiles({ dataDir }: Place): Finding[] {
  const folder = path.join(dataDir, SIGNER_FOLDER);
  if (!existsSync(folder)) return [];
  const check = 'parakstītāja datnes';
  const safe = 'Žurnāla ieraksti ir drošībā un tiek krāti neparakstīti.';
  const key = path.join(folder, 'key.pem');
  try {
    createPrivateKey(readFileSync(key));
  } catch {
    return [
      wrong(
        'signer-key',
        check,
        `atslēga ${key} nav nolasāma. ${safe} Atjaunojiet to no parakstītāja kopijas; ja tās nav, jauna atslēga dos trauksmi katrā darbstacijā (docs/operations.md).`,
      ),
    ];
  }
  for (const name of readdirSync(folder).filter((file) => /^signed-.*\.json$/.test(file))) {
    try {
      readSignerState(readFileSync(path.join(folder, name), 'utf8'));
    } catch {
      return [
        wrong(
          'signer-memory',
          check,
          `${name} ir bojāta: parakstītājs neatceras, ko parakstījis, un neparaksta. ${safe} Atjaunojiet datni no parakstītāja kopijas.`,
        ),
      ];
    }
  }
  return [fine(check)];
}

async function checkBackup({ dataDir, clock }: Place): Promise<Finding> {
  const check = 'rezerves kopija';
  const made = newestBackup(dataDir);
  const make = 'Izveidojiet jaunu: sivis-server backup create';
  if (made === undefined) {
    const keys = path.join(dataDir, KEYS_FILE);
    // The folder is as old as its keys; one of today has no copy yet.
    const fresh = !existsSync(keys) || clock.now() - (await stat(keys)).mtimeMs <= BACKUP_MS;
    return fresh
      ? fine(check, 'vēl nav nevienas: sivis-server backup create')
      : wrong('backup-missing', check, `nav nevienas. Dati ir tikai šajā diskā. ${make}`);
  }
  const verified = await verifyBackup(made.folder).catch(() => undefined);
  if (verified?.exit !== 0)
    return wrong(
      'backup-damaged',
      check,
      `${made.folder} nav atjaunojama. Pašreizējie dati nav skarti. ${make}`,
      verified?.exit === 4 ? 4 : 3,
    );
  const hours = Math.round((clock.now() - made.atMs) / HOUR_MS);
  return clock.now() - made.atMs <= BACKUP_MS
    ? fine(check, `pirms ${hours} h, pārbaudīta`)
    : wrong('backup-old', check, `pēdējā pirms ${hours} h. Vecākā ir vesela. ${make}`);
}

function checkTls(config: Config, clock: Clock): Finding[] {
  const check = 'TLS sertifikāts';
  let end: number | undefined;
  try {
    end = certificateEndMs(config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [
      wrong(
        'tls-unusable',
        check,
        `${error.message} Serviss ar to nesāksies; dati ir drošībā. Nomainiet to.`,
      ),
    ];
  }
  if (end === undefined) return [];
  const left = end - clock.now();
  const days = Math.floor(left / (24 * HOUR_MS));
  const renew = 'Nomainiet to un sūtiet servisam SIGHUP.';
  if (left <= 0)
    return [
      wrong(
        'tls-expired',
        check,
        `beidzies pirms ${-days} d. Darbstacijas nevar pieslēgties; to darbs glabājas tajās. ${renew}`,
      ),
    ];
  return [
    left > CERTIFICATE_MS
      ? fine(check, `derīgs ${days} d`)
      : wrong('tls-ends', check, `derīgs vēl ${days} d. ${renew}`),
  ];
}

function checkSettings({ dataDir, clock, env }: Place): Finding[] {
  try {
    return [fine('iestatījumi'), ...checkTls(loadConfig(dataDir, {}, env).values, clock)];
  } catch (error) {
    if (error instanceof ConfigError) return [wrong('settings', 'iestatījumi', error.message)];
    throw error;
  }
}

/** What can be said of a data folder without opening its store: served, locked or damaged, it is looked at all the same. */
export async function examineFolder(place: Place): Promise<Finding[]> {
  return [
    await checkDisk(place),
    await checkRights(place),
    checkKeys(place),
    ...checkSignerFiles(place),
    await checkBackup(place),
    ...checkSettings(place),
  ];
}
