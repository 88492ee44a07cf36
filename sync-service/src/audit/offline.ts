import { existsSync, statSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { equalBytes, fromBase64, textOf, toBase64, toHex, utf8 } from '@sivis/shared/tlog/bytes.ts';
import { openCheckpoint, type Checkpoint } from '@sivis/shared/tlog/checkpoint.ts';
import {
  consistencySubtrees,
  inclusionSubtrees,
  verifyConsistency,
  verifyInclusion,
} from '@sivis/shared/tlog/merkle.ts';
import { parseKey, type VerifierKey } from '@sivis/shared/tlog/note.ts';
import { sliceSchema, verifySlice } from '@sivis/shared/tlog/slice.ts';
import {
  bundlePath,
  CHECKPOINT_FILE,
  KEY_FILE,
  splitBundle,
  tileHashes,
  TileMissingError,
  tilesAt,
  TILE_WIDTH,
  type LogReader,
} from '@sivis/shared/tlog/tiles.ts';
import {
  verifyLog,
  type Problem,
  type ProblemKind,
  type Verification,
} from '@sivis/shared/tlog/verifyLog.ts';
import { logFolder } from './logFiles.ts';
import { ed25519Verify, hasher, sha256 } from './nodeCrypto.ts';

/** Verification by files alone: no store, no service, no key but the public one. */

/** Something that a command needs is missing or is no such thing. */
export class OfflineError extends Error {
  readonly code = 'OFFLINE';
  /** 2: the call is wrong. 3: what is there is damaged. 4: something is missing. */
  readonly exit: 2 | 3 | 4;
  constructor(exit: 2 | 3 | 4, message: string) {
    super(message);
    this.name = 'OfflineError';
    this.exit = exit;
  }
}

export const PROOF_HEADER = 'c2sp.org/tlog-proof@v1';

/** The key that the caller trusts: given as text or in a file, otherwise the one beside the log. */
export async function readKey(given: string | undefined, beside: string | undefined): Promise<VerifierKey> {
  let text = beside;
  if (given !== undefined) text = existsSync(given) ? await readFile(given, 'utf8') : given;
  if (text === undefined) throw new OfflineError(4, 'nav žurnāla atslēgas (--key)');
  const key = parseKey(sha256, text);
  if (key === undefined) throw new OfflineError(3, 'žurnāla atslēga nav nolasāma');
  return key;
}

export interface OpenedLog {
  readonly reader: LogReader;
  readonly key: VerifierKey;
  readonly checkpoint: Checkpoint;
  /** The signed note. */
  readonly note: string;
}

async function checkpointFrom(key: VerifierKey, note: string): Promise<Checkpoint> {
  const opened = await openCheckpoint(ed25519Verify, key, note);
  if ('problem' in opened) throw new OfflineError(3, `kontrolpunkts nav derīgs (${opened.problem})`);
  return opened.checkpoint;
}

/** Opens a folder of a log. Throws OfflineError when it has no checkpoint or the signature is wrong. */
export async function openLog(folder: string, givenKey?: string): Promise<OpenedLog> {
  const reader = logFolder(folder);
  const beside = await reader.read(KEY_FILE);
  const bytes = await reader.read(CHECKPOINT_FILE);
  if (bytes === undefined) throw new OfflineError(4, 'mapē nav kontrolpunkta');
  const key = await readKey(givenKey, beside === undefined ? undefined : textOf(beside));
  const note = textOf(bytes) ?? '';
  return { reader, key, checkpoint: await checkpointFrom(key, note), note };
}

const failed = (verdict: Verification['verdict'], kind: ProblemKind, where: string): Verification => ({
  verdict,
  origin: '',
  size: 0,
  root: '',
  entries: 0,
  removedTo: 0,
  deviceAlarms: 0,
  problems: [{ kind, where }],
});

export interface VerifyChoices {
  readonly key?: string;
  /** Files with checkpoints that somebody else has kept. */
  readonly witnesses?: readonly string[];
  readonly progress?: (done: number, total: number) => void;
}

/** Verifies a folder of a log, a part of it with its proof, or the proof of one entry. */
export async function verifyPath(target: string, choices: VerifyChoices = {}): Promise<Verification> {
  if (!existsSync(target)) throw new OfflineError(2, `nav tādas datnes vai mapes: ${target}`);
  const known = async (key: VerifierKey): Promise<Checkpoint[]> =>
    Promise.all(
      (choices.witnesses ?? []).map(async (file) => checkpointFrom(key, await readFile(file, 'utf8'))),
    );
  const common = {
    sha256,
    verify: ed25519Verify,
    ...(choices.progress ? { progress: choices.progress } : {}),
  };
  if (statSync(target).isDirectory()) {
    const reader = logFolder(target);
    const beside = await reader.read(KEY_FILE);
    const key = await readKey(choices.key, beside === undefined ? undefined : textOf(beside));
    return verifyLog(reader, { ...common, key, known: await known(key) });
  }
  const text = await readFile(target, 'utf8');
  if (text.startsWith(PROOF_HEADER)) return verifyProofFile(text, choices.key);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return failed('tampered', 'proof', path.basename(target));
  }
  const slice = sliceSchema.safeParse(parsed);
  if (!slice.success) return failed('tampered', 'proof', path.basename(target));
  const key = await readKey(choices.key, slice.data.key);
  return verifySlice(slice.data, { ...common, key, known: await known(key) });
}

/** The entry with this number (from 1). Throws OfflineError when its bundle is not there. */
export async function entryAt({ reader, checkpoint }: OpenedLog, seq: number): Promise<Uint8Array> {
  if (!Number.isSafeInteger(seq) || seq < 1 || seq > checkpoint.size)
    throw new OfflineError(2, `žurnālā ir ieraksti no 1 līdz ${checkpoint.size}`);
  const index = Math.floor((seq - 1) / TILE_WIDTH);
  const { full, partial } = tilesAt(0, checkpoint.size);
  const width = index < full ? TILE_WIDTH : partial;
  const bytes = (await reader.read(bundlePath(index, width))) ?? (await reader.read(bundlePath(index)));
  if (bytes === undefined) throw new OfflineError(4, `ieraksta ${seq} teksta mapē nav`);
  const entry = (splitBundle(bytes, width) ?? splitBundle(bytes, TILE_WIDTH))?.[(seq - 1) % TILE_WIDTH];
  if (entry === undefined) throw new OfflineError(3, `ierakstu datne ${bundlePath(index, width)} ir bojāta`);
  return entry;
}

/** The proof of one entry as C2SP tlog-proof; the entry's text is its extra data. */
export async function proveEntry(log: OpenedLog, seq: number): Promise<string> {
  const entry = await entryAt(log, seq);
  const tiles = tileHashes(hasher, log.reader, log.checkpoint.size);
  const proof = await tiles.proof(inclusionSubtrees(seq - 1, log.checkpoint.size));
  const { size, root } = log.checkpoint;
  if (!verifyInclusion(hasher, hasher.leaf(entry), seq - 1, size, root, proof))
    throw new OfflineError(3, `ieraksts ${seq} nav žurnālā, kas parakstīts`);
  return [
    PROOF_HEADER,
    `extra ${toBase64(entry)}`,
    `index ${seq - 1}`,
    ...proof.map(toBase64),
    '',
    log.note,
  ].join('\n');
}

async function verifyProofFile(text: string, givenKey: string | undefined): Promise<Verification> {
  const split = text.indexOf('\n\n');
  const [, ...lines] = text.slice(0, split).split('\n');
  const note = text.slice(split + 2);
  const extra = lines[0]?.startsWith('extra ') === true ? lines.shift()?.slice('extra '.length) : undefined;
  const index = Number(/^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')?.[1]);
  const entry = fromBase64(extra ?? '');
  if (split < 0 || extra === undefined || entry === undefined || Number.isNaN(index))
    return failed('tampered', 'proof', 'tlog-proof');
  const key = await readKey(givenKey, undefined);
  const opened = await openCheckpoint(ed25519Verify, key, note);
  if ('problem' in opened) return failed('tampered', 'signature', 'checkpoint');
  const { origin, size, root } = opened.checkpoint;
  const proof = lines.map((line) => fromBase64(line) ?? new Uint8Array());
  if (!verifyInclusion(hasher, hasher.leaf(entry), index, size, root, proof))
    return failed('tampered', 'proof', String(index + 1));
  return {
    verdict: 'ok',
    origin,
    size,
    root: toHex(root),
    entries: 1,
    removedTo: 0,
    deviceAlarms: 0,
    problems: [],
  };
}

/** The head of a size, or of a checkpoint in a file. */
async function headOf(log: OpenedLog, what: string): Promise<{ size: number; root: Uint8Array }> {
  if (/^\d{1,16}$/.test(what)) {
    const size = Number(what);
    if (size > log.checkpoint.size) throw new OfflineError(2, `žurnālā ir ${log.checkpoint.size} ieraksti`);
    if (size === log.checkpoint.size) return log.checkpoint;
    return {
      size,
      root: await tileHashes(hasher, log.reader, log.checkpoint.size).subtree({ from: 0, to: size }),
    };
  }
  if (!existsSync(what)) throw new OfflineError(2, `nav tādas datnes: ${what}`);
  return checkpointFrom(log.key, await readFile(what, 'utf8'));
}

export interface ConsistencyResult {
  readonly from: number;
  readonly to: number;
  readonly consistent: boolean;
  /** Base64. */
  readonly proof: readonly string[];
}

/** Whether the log of the one head begins with the log of the other; heads are sizes or files of checkpoints. */
export async function proveConsistency(log: OpenedLog, a: string, b: string): Promise<ConsistencyResult> {
  const [one, other] = [await headOf(log, a), await headOf(log, b)];
  const [older, newer] = one.size <= other.size ? [one, other] : [other, one];
  if (newer.size > log.checkpoint.size)
    return { from: older.size, to: newer.size, consistent: false, proof: [] };
  const tiles = tileHashes(hasher, log.reader, log.checkpoint.size);
  const proof = await tiles.proof(consistencySubtrees(older.size, newer.size));
  const begin = older.size === 0 ? hasher.empty : older.root;
  const consistent =
    verifyConsistency(hasher, older.size, begin, newer.size, newer.root, proof) &&
    (await isWhole(log, newer));
  return { from: older.size, to: newer.size, consistent, proof: proof.map(toBase64) };
}

/** The head is that of the signed tree, or is proved to be its beginning. */
async function isWhole(log: OpenedLog, head: { size: number; root: Uint8Array }): Promise<boolean> {
  const { size, root } = log.checkpoint;
  const tiles = tileHashes(hasher, log.reader, size);
  if (head.size === size) return equalBytes(head.root, root);
  const proof = await tiles.proof(consistencySubtrees(head.size, size));
  return verifyConsistency(hasher, head.size, head.size === 0 ? hasher.empty : head.root, size, root, proof);
}

export interface WitnessResult {
  readonly verdict: Verification['verdict'];
  /** What the witness had kept; 0 when it keeps its first checkpoint now. */
  readonly kept: number;
  readonly size: number;
  readonly problems: readonly Problem[];
}

/**
 * Compares a log with the checkpoint that a witness keeps in a file. With `keep` the witness takes the newer one when
 * they agree: run by itself on another computer it is a witness of the log.
 */
export async function diffWitness(log: OpenedLog, file: string, keep: boolean): Promise<WitnessResult> {
  const { checkpoint, key, note } = log;
  const problems: Problem[] = [];
  let kept = 0;
  if (existsSync(file)) {
    const seen = await checkpointFrom(key, await readFile(file, 'utf8'));
    kept = seen.size;
    if (seen.size > checkpoint.size) problems.push({ kind: 'rolledBack', where: String(seen.size) });
    else if (!(await isWhole(log, seen))) problems.push({ kind: 'forked', where: String(seen.size) });
  } else if (!keep) throw new OfflineError(4, `lieciniekam vēl nav kontrolpunkta: ${file}`);
  if (problems.length === 0 && keep) {
    await writeFile(`${file}.part`, utf8(note), { mode: 0o600, flush: true });
    await rename(`${file}.part`, file);
  }
  return { verdict: problems.length === 0 ? 'ok' : 'tampered', kept, size: checkpoint.size, problems };
}

/** The entries of a folder, in order, with their numbers; those that retention has removed are left out. */
export async function* readEntries(log: OpenedLog): AsyncGenerator<{ seq: number; text: string }> {
  const { full, partial } = tilesAt(0, log.checkpoint.size);
  for (let index = 0; index < full + (partial > 0 ? 1 : 0); index += 1) {
    const width = index < full ? TILE_WIDTH : partial;
    const bytes =
      (await log.reader.read(bundlePath(index, width))) ?? (await log.reader.read(bundlePath(index)));
    if (bytes === undefined) continue;
    const entries = splitBundle(bytes, width) ?? splitBundle(bytes, TILE_WIDTH)?.slice(0, width);
    if (entries === undefined)
      throw new OfflineError(3, `ierakstu datne ${bundlePath(index, width)} ir bojāta`);
    for (const [at, entry] of entries.entries())
      yield { seq: index * TILE_WIDTH + at + 1, text: textOf(entry) ?? '' };
  }
}

export { TileMissingError };
