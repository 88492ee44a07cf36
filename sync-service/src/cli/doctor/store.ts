import { existsSync } from 'node:fs';
import path from 'node:path';
import { textOf } from '@sivis/shared/tlog/bytes.ts';
import { parseCheckpoint } from '@sivis/shared/tlog/checkpoint.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import { parseNote } from '@sivis/shared/tlog/note.ts';
import { CHECKPOINT_FILE } from '@sivis/shared/tlog/tiles.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { parseEnvelope } from '../../audit/entry.ts';
import { checkAudit, checkSigned } from '../../audit/export.ts';
import { logFolder } from '../../audit/logFiles.ts';
import { verifyPath } from '../../audit/offline.ts';
import { KEY_META, SERIES_META } from '../../audit/publisher.ts';
import type { CommandContext, CommandHandler } from '../seam.ts';
import { LOG_FOLDER } from '../transparency.ts';
import { fine, resultOf, wrong, type Finding } from './finding.ts';
import { isDamage } from './faults.ts';

/** Longer than the publisher takes for one checkpoint. */
const AGAIN_MS = 1_000;
/** Gaps in the sequence of a desk are shown for 30 days; in the log they stand for good. */
const GAPS_MS = 30 * 86_400_000;

const KEEP = 'Saglabājiet mapi tādu, kāda tā ir, un atjaunojiet no kopijas: sivis-server restore.';
const WITNESS = 'Nepārstartējiet; salīdziniet ar liecinieku.';
/** The published log is made of the database; the signer remembers where it was. */
const ANEW = 'Datubāze nav skarta. Apturiet servisu un pārvietojiet mapi audit malā: to izveidos no jauna.';

async function checkEngine({ store }: CommandContext): Promise<Finding> {
  const integrity = await store.integrityCheck();
  return integrity === 'ok'
    ? fine('datubāze')
    : wrong('store-damaged', 'datubāze', `bojāta: ${integrity}. ${KEEP}`, 3);
}

async function checkEntries({ store }: CommandContext): Promise<Finding[]> {
  const { entries, broken, missing } = await checkAudit(store);
  const check = 'audita žurnāls';
  if (broken.length === 0 && missing.length === 0) return [fine(check, `${entries} ieraksti`)];
  const found: Finding[] = [];
  if (broken.length > 0)
    found.push(wrong('audit-changed', check, `bojāti: ${broken.join(', ')}. ${KEEP}`, 3));
  if (missing.length > 0)
    found.push(wrong('audit-holes', check, `trūkst ierakstu: ${missing.join(', ')}. ${KEEP}`, 3));
  return found;
}

async function checkHead({ store }: CommandContext): Promise<Finding[]> {
  const signed = await checkSigned(store);
  if (signed === undefined) return [];
  const check = 'audita žurnāla kontrolpunkts';
  return [
    signed.fits
      ? fine(check, `${signed.size} ieraksti`)
      : wrong('not-signed', check, `datubāze nesakrīt ar parakstīto (${signed.size} ieraksti). ${KEEP}`, 3),
  ];
}

/** `r-1a2b3c4d` of a log that was begun anew by a restore; `undefined` for a log from the beginning. */
const seriesOf = (origin: string): string | undefined => /\/(r-[0-9a-f]{8})$/.exec(origin)?.[1];

/** The files that anybody may copy: whole, of this database, and signed by its key. */
async function checkPublished({ store, dataDir, transparency }: CommandContext): Promise<Finding[]> {
  const check = 'publicētais žurnāls';
  const folder = path.join(dataDir, LOG_FOLDER);
  if (!existsSync(folder)) return [];
  const bytes = await logFolder(folder).read(CHECKPOINT_FILE);
  const { size, key, series } = await store.read(async (tx) => ({
    size: await tx.auditSize(),
    key: await tx.meta(KEY_META),
    series: await tx.meta(SERIES_META),
  }));
  if (bytes === undefined || key === undefined) return [];
  const head = parseCheckpoint(parseNote(textOf(bytes) ?? '')?.text ?? '');
  if (head !== undefined && seriesOf(head.origin) !== series)
    return [
      wrong(
        'epoch',
        check,
        `žurnāls (${head.origin}) un datubāze (${series ?? 'sākotnējā'}) ir no dažādām atjaunošanām: datubāze ielikta bez sivis-server restore. Atjaunojiet no kopijas ar to; darbstacijas atsūtīs trūkstošo.`,
        3,
      ),
    ];
  if (head !== undefined && head.size > size)
    return [
      wrong(
        'rolled-back',
        check,
        `publicēti ${head.size} ieraksti, datubāzē ir ${size}: datubāze ir vecāka. ${WITNESS}`,
        3,
      ),
    ];
  let verified = await verifyPath(folder, { key });
  // While it serves, a file may be replaced between two looks; what is really wrong is so the second time too.
  if (verified.verdict !== 'ok' && transparency !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    verified = await verifyPath(folder, { key });
  }
  const [problem] = verified.problems;
  if (verified.verdict === 'ok') return [fine(check, `${verified.size} ieraksti`)];
  if (problem?.kind === 'signature' || problem?.kind === 'origin')
    return [wrong('other-key', check, `kontrolpunktu ir parakstījusi cita atslēga. ${WITNESS}`, 3)];
  const where = `${problem?.kind ?? ''} ${problem?.where ?? ''}`.trim();
  return verified.verdict === 'incomplete'
    ? [wrong('tile-missing', check, `trūkst datnes (${where}). ${ANEW}`, 4)]
    : [wrong('tile-damaged', check, `datne ir bojāta (${where}). ${ANEW}`, 3)];
}

const ALARMS = {
  signer: [
    'signer-down',
    'neatbild. Ieraksti krājas neparakstīti. Palaidiet to (sivis-signer) un pārbaudiet audit_signer.',
    1,
  ],
  refused: ['signer-refused', `redzējis citu žurnālu. ${WITNESS}`, 3],
  rolledBack: ['rolled-back', `datubāzē ir mazāk ierakstu nekā parakstīts. ${WITNESS}`, 3],
  entry: ['audit-changed', `ieraksts nav tas, kas tika parakstīts. ${WITNESS}`, 3],
} as const;

function checkSigner({ transparency }: CommandContext): Finding[] {
  if (transparency === undefined) return [];
  const check = 'parakstītājs';
  const alarm = transparency.publisher.alarm();
  if (alarm === null) return [fine(check)];
  const [code, words, exit] = ALARMS[alarm];
  return [wrong(code, check, words, exit)];
}

/** A clock that stands before what is written already was set back, or was wrong when it was written. */
async function checkClock({ store, clock }: CommandContext): Promise<Finding[]> {
  const last = await store.read(async (tx) => tx.auditRow(await tx.auditSize()));
  if (last === undefined) return [];
  const ahead = Date.parse(parseEnvelope(last.envelope).at) - clock.now();
  const words = `pēdējais ieraksts ir ${Math.round(ahead / 60_000)} min nākotnē. Ieraksti ir drošībā. Ieslēdziet laika sinhronizāciju (NTP).`;
  return [ahead <= LIMITS.clockSkewMs ? fine('pulkstenis') : wrong('clock', 'pulkstenis', words)];
}

/** Events of desks that did not follow the one before them. */
async function checkChains({ store, clock }: CommandContext): Promise<Finding[]> {
  const from = toInstant(clock.now() - GAPS_MS);
  const { rows, total } = await store.read((tx) => tx.auditPage({ actions: ['deviceAlarm'], from }, 100));
  const check = 'darbstaciju notikumi';
  if (total === 0) return [fine(check)];
  const desks = [...new Set(rows.map((row) => parseEnvelope(row.envelope).object))];
  return [
    wrong(
      'desk-gaps',
      check,
      `pēdējās 30 dienās ${total} reizes darbstacijas notikumi neseko cits citam (${desks.slice(0, 5).join(', ')}). Saņemtie ir drošībā. Žurnālā atlasiet deviceAlarm un noskaidrojiet, kas ar to notika.`,
    ),
  ];
}

const CHECKS = [
  checkEngine,
  checkEntries,
  checkHead,
  checkPublished,
  checkSigner,
  checkClock,
  checkChains,
] as const;

/** Looks at what stands in the store and beside it; runs where the store is open. */
export const examineStore: CommandHandler = async (context) => {
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    try {
      findings.push(...[await check(context)].flat());
    } catch (error) {
      // A page that cannot be read stops this look, not the others.
      if (!isDamage(error)) throw error;
      if (!findings.some(({ code }) => code === 'store-damaged'))
        findings.push(wrong('store-damaged', 'datubāze', `nav nolasāma. ${KEEP}`, 3));
    }
  }
  return resultOf(findings);
};
