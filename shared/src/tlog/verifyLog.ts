import { equalBytes, textOf, toHex } from './bytes.ts';
import { openCheckpoint, type Checkpoint, type TreeHead } from './checkpoint.ts';
import { judgeLink, type ChainHead } from './deviceChain.ts';
import { treeHasher, type Sha256 } from './merkle.ts';
import type { Ed25519Verify, VerifierKey } from './note.ts';
import {
  bundlePath,
  CHECKPOINT_FILE,
  createTileTree,
  splitBundle,
  splitTile,
  tileHashes,
  TileMissingError,
  tilePath,
  tilesAt,
  TILE_WIDTH,
  type LogReader,
  type Tile,
} from './tiles.ts';

/**
 * What a verification can find. `missing…`: the files do not suffice. Everything else: something was changed.
 * `chain`: an event of a desk does not follow the one before it, and the service has not said so.
 */
export type ProblemKind =
  | 'missingCheckpoint'
  | 'missingTile'
  | 'missingEntries'
  | 'checkpoint'
  | 'signature'
  | 'origin'
  | 'tile'
  | 'bundle'
  | 'entry'
  | 'root'
  | 'chain'
  | 'payload'
  | 'proof'
  | 'rolledBack'
  | 'forked';

export interface Problem {
  readonly kind: ProblemKind;
  /** A path, an entry's number, a size. */
  readonly where: string;
}

export interface Verification {
  readonly verdict: 'ok' | 'tampered' | 'incomplete';
  readonly origin: string;
  readonly size: number;
  /** Hex; `''` when there is no checkpoint that could be read. */
  readonly root: string;
  /** Entries whose text was read and compared. */
  readonly entries: number;
  /** The last entry whose text retention has removed, as an entry of the log itself says; 0 for none. */
  readonly removedTo: number;
  /** Events of desks that the service itself has marked: gaps, forks, reuse. */
  readonly deviceAlarms: number;
  /** At most 20. */
  readonly problems: readonly Problem[];
}

export interface VerifyOptions {
  readonly sha256: Sha256;
  readonly verify: Ed25519Verify;
  readonly key: VerifierKey;
  /** Heads that a witness has seen of the same log: the log must contain them. */
  readonly known?: readonly TreeHead[];
  readonly progress?: (done: number, total: number) => void;
}

const SHOWN = 20;
const INCOMPLETE: readonly ProblemKind[] = ['missingCheckpoint', 'missingTile', 'missingEntries'];

/** The parts of an envelope that verification itself needs. */
interface Marks {
  readonly action?: unknown;
  readonly kind?: unknown;
  readonly object?: unknown;
  readonly device?: unknown;
  readonly actor?: unknown;
  readonly deviceChain?: unknown;
  readonly deviceSeq?: unknown;
  readonly deviceHash?: unknown;
  readonly prevDeviceSeq?: unknown;
  readonly chainAlarm?: unknown;
}

/** The action and the object's form of the entry that orders the removal of old entries: `1-1024`. */
export const RETENTION_ACTION = 'retentionExecuted';
const REMOVED = /^1-([1-9]\d{0,15})$/;

const CHAIN_MARK = '"deviceSeq":';
const RETENTION_MARK = `"action":"${RETENTION_ACTION}"`;

/** Looks at the entries in order: what retention has removed, whether the desks' sequences hold. */
export function entryInspector(note: (problem: Problem) => void): {
  see(seq: number, entry: Uint8Array): void;
  /** Entries are not there: what a desk's sequence was before them nobody can compare. */
  skip(): void;
  removedTo(): number;
  deviceAlarms(): number;
} {
  const heads = new Map<string, ChainHead>();
  let removedTo = 0;
  let deviceAlarms = 0;
  let skipped = false;

  const seeChain = (seq: number, marks: Marks): void => {
    const { deviceChain: id, deviceSeq: n, deviceHash: hash, prevDeviceSeq: prev } = marks;
    if (
      typeof id !== 'string' ||
      typeof n !== 'number' ||
      typeof hash !== 'string' ||
      typeof prev !== 'string'
    ) {
      note({ kind: 'entry', where: String(seq) });
      return;
    }
    const desk = `${String(marks.device)}/${String(marks.actor)}`;
    const head = heads.get(desk);
    const flagged = typeof marks.chainAlarm === 'string' ? marks.chainAlarm : null;
    const { alarm } = judgeLink(head, { id, n, prev }, undefined);
    if (flagged !== null) deviceAlarms += 1;
    else if (alarm !== null && !(head === undefined && skipped)) note({ kind: 'chain', where: String(seq) });
    if (flagged !== 'reuse' && flagged !== 'late') heads.set(desk, { id, n, hash });
  };

  return {
    see(seq, entry) {
      const text = textOf(entry);
      const plain = text !== undefined && !text.includes(CHAIN_MARK) && !text.includes(RETENTION_MARK);
      if (plain) return;
      let marks: Marks;
      try {
        marks = JSON.parse(text ?? '') as Marks;
      } catch {
        note({ kind: 'entry', where: String(seq) });
        return;
      }
      if (marks.action === RETENTION_ACTION && marks.kind === 'audit') {
        const to = Number(REMOVED.exec(String(marks.object))?.[1] ?? 0);
        removedTo = Math.max(removedTo, to);
      }
      if (marks.deviceSeq !== undefined) seeChain(seq, marks);
    },
    skip() {
      skipped = true;
      heads.clear();
    },
    removedTo: () => removedTo,
    deviceAlarms: () => deviceAlarms,
  };
}

/** Collects what is found, and says what it amounts to. */
export function problemList(): {
  readonly note: (problem: Problem) => void;
  result(of: Omit<Verification, 'verdict' | 'problems'>): Verification;
} {
  const problems: Problem[] = [];
  let tampered = false;
  return {
    note: (problem) => {
      tampered ||= !INCOMPLETE.includes(problem.kind);
      if (problems.length < SHOWN) problems.push(problem);
    },
    result: (of) => ({
      verdict: tampered ? 'tampered' : problems.length > 0 ? 'incomplete' : 'ok',
      ...of,
      problems,
    }),
  };
}

/**
 * Verifies a log by its files alone: the signature of the checkpoint, every entry against its hash, every tile, the
 * root, what witnesses have seen, and that the desks' sequences hold. Never throws for what the files say.
 */
export async function verifyLog(reader: LogReader, options: VerifyOptions): Promise<Verification> {
  const { sha256, verify, key } = options;
  const hasher = treeHasher(sha256);
  const found = problemList();
  const nothing = { origin: key.name, size: 0, root: '', entries: 0, removedTo: 0, deviceAlarms: 0 };

  const text = await reader.read(CHECKPOINT_FILE);
  if (text === undefined) {
    found.note({ kind: 'missingCheckpoint', where: CHECKPOINT_FILE });
    return found.result(nothing);
  }
  const opened = await openCheckpoint(verify, key, textOf(text) ?? '');
  if ('problem' in opened) {
    found.note({
      kind: opened.problem === 'malformed' ? 'checkpoint' : opened.problem,
      where: CHECKPOINT_FILE,
    });
    return found.result(nothing);
  }
  const { checkpoint } = opened;
  const { size } = checkpoint;
  const inspector = entryInspector(found.note);

  /** Reads a file of the width that the checkpoint asks for, or of the full one that has taken its place. */
  const readPart = async (path: (width: number) => string, width: number): Promise<Uint8Array | undefined> =>
    (await reader.read(path(width))) ?? (width < TILE_WIDTH ? reader.read(path(TILE_WIDTH)) : undefined);
  const tileBytes = (level: number, index: number, width: number): Promise<Uint8Array | undefined> =>
    readPart((wide) => tilePath({ level, index, width: wide }), width);
  const hashesOf = (tile: Tile, bytes: Uint8Array | undefined): Uint8Array[] | undefined => {
    if (bytes === undefined) {
      found.note({ kind: 'missingTile', where: tilePath(tile) });
      return undefined;
    }
    const hashes = splitTile(bytes, tile.width) ?? splitTile(bytes, TILE_WIDTH)?.slice(0, tile.width);
    if (hashes === undefined) found.note({ kind: 'tile', where: tilePath(tile) });
    return hashes;
  };

  // Tiles above the leaves are compared where they become full; the partial ones at the end.
  let above: Promise<void> = Promise.resolve();
  const compare = async (level: number, index: number, hashes: readonly Uint8Array[]): Promise<void> => {
    const width = hashes.length;
    const stored = hashesOf({ level, index, width }, await tileBytes(level, index, width));
    const same = stored?.every((hash, at) => equalBytes(hash, hashes[at] ?? new Uint8Array()));
    if (same === false) found.note({ kind: 'tile', where: tilePath({ level, index, width }) });
  };
  const tree = createTileTree(hasher, ({ level, index }, hashes) => {
    if (level > 0) above = above.then(() => compare(level, index, hashes));
  });

  let entries = 0;
  /** Ranges of entries that are not there, as `[first, last]` by number. */
  const absent: [number, number][] = [];
  const { full, partial } = tilesAt(0, size);
  const widthAt = (index: number): number => (index < full ? TILE_WIDTH : partial);
  const readAt = (index: number): Promise<[Uint8Array | undefined, Uint8Array | undefined]> => {
    const width = widthAt(index);
    const both = Promise.all([
      tileBytes(0, index, width),
      readPart((wide) => bundlePath(index, wide), width),
    ]);
    // It may be given up before anybody asks for it.
    both.catch(() => undefined);
    return both;
  };
  const count = full + (partial > 0 ? 1 : 0);
  let ahead = count > 0 ? readAt(0) : undefined;
  for (let index = 0; index < count && ahead !== undefined; index += 1) {
    const width = widthAt(index);
    const first = index * TILE_WIDTH + 1;
    const [tile, bytes] = await ahead;
    // The disk works on the next ones while these are hashed.
    ahead = index + 1 < count ? readAt(index + 1) : undefined;
    const hashes = hashesOf({ level: 0, index, width }, tile);
    if (hashes === undefined)
      return found.result({ ...nothing, size, root: toHex(checkpoint.root), entries });
    for (const hash of hashes) tree.append(hash);
    if (bytes === undefined) {
      absent.push([first, first + width - 1]);
      inspector.skip();
    } else {
      const bundle = splitBundle(bytes, width) ?? splitBundle(bytes, TILE_WIDTH)?.slice(0, width);
      if (bundle === undefined) found.note({ kind: 'bundle', where: bundlePath(index, width) });
      for (const [at, entry] of (bundle ?? []).entries()) {
        if (!equalBytes(hasher.leaf(entry), hashes[at] ?? new Uint8Array()))
          found.note({ kind: 'entry', where: String(first + at) });
        inspector.see(first + at, entry);
        entries += 1;
      }
    }
    await above;
    options.progress?.(Math.min(first + width - 1, size), size);
  }
  for (const { tile, hashes } of tree.partials())
    if (tile.level > 0) await compare(tile.level, tile.index, hashes);

  if (!equalBytes(tree.root(), checkpoint.root)) found.note({ kind: 'root', where: String(size) });
  for (const [first, last] of absent)
    if (last > inspector.removedTo()) found.note({ kind: 'missingEntries', where: `${first}-${last}` });
  await compareKnown(reader, hasher, checkpoint, options.known ?? [], found.note);
  return found.result({
    origin: checkpoint.origin,
    size,
    root: toHex(checkpoint.root),
    entries,
    removedTo: inspector.removedTo(),
    deviceAlarms: inspector.deviceAlarms(),
  });
}

/** Compares the log with heads that somebody else has seen of it. */
export async function compareKnown(
  reader: LogReader,
  hasher: ReturnType<typeof treeHasher>,
  checkpoint: Checkpoint,
  known: readonly TreeHead[],
  note: (problem: Problem) => void,
): Promise<void> {
  const tiles = tileHashes(hasher, reader, checkpoint.size);
  for (const head of known) {
    if (head.origin !== checkpoint.origin) note({ kind: 'origin', where: head.origin });
    else if (head.size > checkpoint.size) note({ kind: 'rolledBack', where: String(head.size) });
    else {
      try {
        const root =
          head.size === checkpoint.size ? checkpoint.root : await tiles.subtree({ from: 0, to: head.size });
        if (!equalBytes(root, head.root)) note({ kind: 'forked', where: String(head.size) });
      } catch (error) {
        if (!(error instanceof TileMissingError)) throw error;
        note({ kind: 'missingTile', where: error.path });
      }
    }
  }
}
