import { existsSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import { parseEnvelope } from '../audit/entry.ts';
import { checkAudit, checkSigned } from '../audit/export.ts';
import { newestBackupMs } from '../http/metrics.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import { ConfigError, loadConfig } from './config.ts';
import { certificateEndMs } from './listeners.ts';
import type { CommandContext, CommandHandler } from './seam.ts';

const HOUR_MS = 3_600_000;
/** A copy a day, and an hour for making it. */
const BACKUP_MS = 25 * HOUR_MS;
/** Time to get a new certificate. */
const CERTIFICATE_MS = 14 * 24 * HOUR_MS;

/** What was looked at, and for what is wrong what to do. */
interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  /** Something was changed that nobody may change: exit code 3. */
  readonly tampered?: true;
}

const fine = (check: string, detail = ''): Finding => ({ check, ok: true, detail });
const wrong = (check: string, detail: string): Finding => ({ check, ok: false, detail });
const tampered = (check: string, detail: string): Finding => ({ check, ok: false, detail, tampered: true });

async function checkStore({ store }: CommandContext): Promise<Finding[]> {
  const integrity = await store.integrityCheck();
  const audit = await checkAudit(store);
  const signed = await checkSigned(store);
  const advice = 'Saglabājiet mapi tādu, kāda tā ir, un atjaunojiet no kopijas: sivis-server restore.';
  const found = [
    integrity === 'ok' ? fine('datubāze') : tampered('datubāze', `${integrity}. ${advice}`),
    audit.broken.length === 0
      ? fine('audita žurnāls', `${audit.entries} ieraksti`)
      : tampered('audita žurnāls', `bojāti: ${audit.broken.join(', ')}. ${advice}`),
  ];
  if (signed === undefined) return found;
  const check = 'audita žurnāla kontrolpunkts';
  found.push(
    signed.fits
      ? fine(check, `${signed.size} ieraksti`)
      : tampered(check, `datubāze nesakrīt ar parakstīto (${signed.size} ieraksti). ${advice}`),
  );
  return found;
}

const ALARM_WORDS = {
  signer: 'parakstītājs neatbild. Palaidiet to (sivis-signer) un pārbaudiet audit_signer.',
  refused: 'parakstītājs redzējis citu žurnālu. Nepārstartējiet; salīdziniet ar liecinieku.',
  rolledBack: 'datubāzē ir mazāk ierakstu nekā parakstīts. Nepārstartējiet; salīdziniet ar liecinieku.',
  entry: 'ieraksts nav tas, kas tika parakstīts. Nepārstartējiet; salīdziniet ar liecinieku.',
} as const;

function checkSigner({ transparency }: CommandContext): Finding[] {
  if (transparency === undefined) return [];
  const alarm = transparency.publisher.alarm();
  if (alarm === null) return [fine('parakstītājs')];
  return [
    alarm === 'signer'
      ? wrong('parakstītājs', ALARM_WORDS[alarm])
      : tampered('parakstītājs', ALARM_WORDS[alarm]),
  ];
}

async function checkDisk({ dataDir }: CommandContext): Promise<Finding[]> {
  const disk = await statfs(dataDir);
  const free = disk.bavail / disk.blocks;
  const words = `${Math.round(free * 100)} % brīvi`;
  return [
    free >= SERVICE_LIMITS.diskFreeShare
      ? fine('diska vieta', words)
      : wrong('diska vieta', `${words}. Ierakstītais ir drošībā; atbrīvojiet vietu.`),
  ];
}

async function checkRights({ dataDir }: CommandContext): Promise<Finding[]> {
  if (process.platform === 'win32') return [];
  const open: string[] = [];
  const folder = await stat(dataDir);
  for (const name of ['keys.json', 'sivis.db', 'server.toml']) {
    const file = path.join(dataDir, name);
    if (!existsSync(file)) continue;
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0 && (folder.mode & 0o077) !== 0) open.push(name);
  }
  return [
    open.length === 0
      ? fine('datņu tiesības')
      : wrong('datņu tiesības', `${open.join(', ')}: citi tās var lasīt. Labojiet: chmod -R go= ${dataDir}`),
  ];
}

/** A clock that stands before what is written already was set back, or was wrong when it was written. */
async function checkClock({ store, clock }: CommandContext): Promise<Finding[]> {
  const last = await store.read(async (tx) => tx.auditRow(await tx.auditSize()));
  if (last === undefined) return [];
  const ahead = Date.parse(parseEnvelope(last.envelope).at) - clock.now();
  return [
    ahead <= LIMITS.clockSkewMs
      ? fine('pulkstenis')
      : wrong(
          'pulkstenis',
          `pēdējais ieraksts ir ${Math.round(ahead / 60_000)} min nākotnē. Ieslēdziet laika sinhronizāciju (NTP).`,
        ),
  ];
}

function checkBackup({ dataDir, clock }: CommandContext): Finding[] {
  const made = newestBackupMs(dataDir);
  if (made === undefined)
    return [fine('rezerves kopija', 'šajā mapē nav nevienas: sivis-server backup create')];
  const hours = Math.round((clock.now() - made) / HOUR_MS);
  return [
    clock.now() - made <= BACKUP_MS
      ? fine('rezerves kopija', `pirms ${hours} h`)
      : wrong('rezerves kopija', `pēdējā pirms ${hours} h. Izveidojiet jaunu: sivis-server backup create`),
  ];
}

function checkSettings({ dataDir, clock }: CommandContext): Finding[] {
  try {
    const { values } = loadConfig(dataDir, {}, process.env);
    const end = certificateEndMs(values);
    if (end === undefined) return [fine('iestatījumi')];
    const days = Math.floor((end - clock.now()) / (24 * HOUR_MS));
    return [
      fine('iestatījumi'),
      end - clock.now() > CERTIFICATE_MS
        ? fine('TLS sertifikāts', `derīgs ${days} d`)
        : wrong('TLS sertifikāts', `derīgs vēl ${days} d. Nomainiet to un sūtiet servisam SIGHUP.`),
    ];
  } catch (error) {
    if (error instanceof ConfigError) return [wrong('iestatījumi', error.message)];
    throw error;
  }
}

/** Looks at everything that can go wrong with a data folder; says in plain words what is, and what to do. */
export const doctor: CommandHandler = async (context) => {
  const findings = [
    ...(await checkStore(context)),
    ...checkSigner(context),
    ...(await checkDisk(context)),
    ...(await checkRights(context)),
    ...(await checkClock(context)),
    ...checkBackup(context),
    ...checkSettings(context),
  ];
  for (const { check, ok, detail } of findings)
    context.say(`${ok ? '✓' : '✗'} ${check}${detail === '' ? '' : `: ${detail}`}`);
  const exit = findings.some((finding) => finding.tampered) ? 3 : findings.every(({ ok }) => ok) ? 0 : 1;
  return { exit, value: { findings: findings.map(({ check, ok, detail }) => ({ check, ok, detail })) } };
};
