import { concat, equalBytes, fromBase64, fromHex, textOf, toBase64, utf8 } from '@sivis/shared/tlog/bytes.ts';
import { openCheckpoint, type Checkpoint } from '@sivis/shared/tlog/checkpoint.ts';
import { consistencySubtrees } from '@sivis/shared/tlog/merkle.ts';
import { parseKey, sameKey, type VerifierKey } from '@sivis/shared/tlog/note.ts';
import {
  bundlePath,
  CHECKPOINT_FILE,
  createTileTree,
  KEY_FILE,
  makeBundle,
  splitTile,
  tileHashes,
  tileLevels,
  tilePath,
  tilesAt,
  TILE_WIDTH,
  type Tile,
  type TileHashes,
  type TileTree,
} from '@sivis/shared/tlog/tiles.ts';
import { toInstant, type Clock } from '@sivis/shared/time/clock.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { Store } from '../store/store.ts';
import { cosign, type OutsideWitness } from './cosign.ts';
import type { LogFiles } from './logFiles.ts';
import { ed25519Verify, hasher, sha256 } from './nodeCrypto.ts';
import type { SignerPort } from './signer/client.ts';
import type { SignerState } from './signer/signer.ts';

/**
 * Why no checkpoint is published. `signer`: it does not answer. `refused`: it says that the tree does not contain what
 * it signed. `rolledBack`: the store holds fewer entries than were published. `entry`: an entry is not what was hashed.
 */
export type PublisherAlarm = 'signer' | 'refused' | 'rolledBack' | 'entry';

export interface Published {
  readonly checkpoint: Checkpoint;
  /** The signed note, with cosignatures when there are any. */
  readonly note: string;
  readonly at: string;
}

/** Makes the log's files from the store: tiles and bundles of 256, and signed checkpoints. One per service. */
export interface Publisher {
  readonly files: LogFiles;
  /** The log's key, from the signer; undefined before it answered for the first time. */
  key(): VerifierKey | undefined;
  latest(): Published | undefined;
  alarm(): PublisherAlarm | null;
  /** Publishes everything that is committed now. Returns the latest checkpoint, or undefined when there is none. */
  publish(): Promise<Published | undefined>;
  /** Publishes when the checkpoint is due: 1 000 entries, or one that is a minute old. */
  tick(): Promise<void>;
  /** Hashes of the published tree. */
  hashes(): TileHashes | undefined;
  /** Looks every second until it is stopped. */
  start(): void;
  /** Publishes what is left and stops. */
  stop(): Promise<void>;
}

export interface PublisherOptions {
  readonly store: Store;
  readonly files: LogFiles;
  readonly signer: SignerPort;
  readonly clock: Clock;
  readonly witness?: OutsideWitness;
  /** Told once for each new alarm. */
  readonly alarmed?: (alarm: PublisherAlarm) => void;
  /** Told of an error that is no alarm: a disk, the store. The next look tries again. */
  readonly failed?: (error: unknown) => void;
  /** Told when the outside witness refuses or does not answer. */
  readonly witnessFailed?: (why: string) => void;
  /** Told when the outside witness has cosigned. */
  readonly cosigned?: (published: Published, name: string) => Promise<void>;
}

class AlarmError extends Error {
  readonly alarm: PublisherAlarm;
  constructor(alarm: PublisherAlarm) {
    super(`the audit log is not published: ${alarm}`);
    this.alarm = alarm;
  }
}

const partFolder = (path: string): string => `${path}.p`;

export function createPublisher(options: PublisherOptions): Publisher {
  const { store, files, signer, clock } = options;
  let tree: TileTree | undefined;
  let full: { tile: Tile; hashes: readonly Uint8Array[] }[] = [];
  let latest: Published | undefined;
  let key: VerifierKey | undefined;
  let alarm: PublisherAlarm | null = null;
  let removedFiles = 0;
  /** Since when there are entries that no checkpoint covers. */
  let unsignedSince: number | undefined;
  let cosignedSize = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let working: Promise<unknown> = Promise.resolve();

  const onFull = (tile: Tile, hashes: readonly Uint8Array[]): void => {
    full.push({ tile, hashes: [...hashes] });
  };

  const readCheckpoint = async (): Promise<Published | undefined> => {
    const bytes = await files.read(CHECKPOINT_FILE);
    if (bytes === undefined || key === undefined) return undefined;
    const note = textOf(bytes) ?? '';
    const opened = await openCheckpoint(ed25519Verify, key, note);
    return 'problem' in opened
      ? undefined
      : { checkpoint: opened.checkpoint, note, at: toInstant(clock.now()) };
  };

  /** The tree as the files have it, when they have all of it and it is the signed one. */
  const takeUp = async ({ checkpoint }: Published): Promise<TileTree | undefined> => {
    const edge: Uint8Array[][] = [];
    for (let level = 0; level < tileLevels(checkpoint.size); level += 1) {
      const { full: index, partial } = tilesAt(level, checkpoint.size);
      const bytes =
        partial === 0 ? new Uint8Array() : await files.read(tilePath({ level, index, width: partial }));
      const hashes = bytes === undefined ? undefined : splitTile(bytes, partial);
      if (hashes === undefined) return undefined;
      edge.push(hashes);
    }
    const found = createTileTree(hasher, onFull, checkpoint.size, edge);
    return equalBytes(found.root(), checkpoint.root) ? found : undefined;
  };

  /** Begins: from the files, or, when they are not there or not whole, from the store. */
  const begin = async (): Promise<TileTree> => {
    const published = await readCheckpoint();
    const found = published === undefined ? undefined : await takeUp(published);
    if (found !== undefined) {
      latest = published;
      return found;
    }
    for (const stale of ['tile', CHECKPOINT_FILE]) await files.remove(stale);
    return createTileTree(hasher, onFull);
  };

  const writeTile = (tile: Tile, hashes: readonly Uint8Array[]): Promise<void> =>
    files.write(tilePath(tile), concat(...hashes));

  /** Writes the bundle of the entries `[first, last]`; returns their hashes. */
  const writeBundle = async (index: number, size: number, removedTo: number): Promise<Uint8Array[]> => {
    const before = index * TILE_WIDTH;
    const width = Math.min(TILE_WIDTH, size - before);
    if (before + width <= removedTo) {
      const hashes = await store.read((tx) => tx.auditLeaves(before, width));
      return hashes.map((hash) => fromHex(hash) ?? new Uint8Array());
    }
    const rows = await store.read((tx) => tx.auditRange(before, width));
    const whole = rows.length === width && rows.every((row, at) => row.seq === before + at + 1);
    if (!whole) throw new AlarmError('entry');
    await files.write(bundlePath(index, width), makeBundle(rows.map((row) => row.envelope)));
    return rows.map((row) => {
      const hash = hasher.leaf(utf8(row.envelope));
      if (!equalBytes(hash, fromHex(row.leafHash) ?? new Uint8Array())) throw new AlarmError('entry');
      return hash;
    });
  };

  /** Brings tree and files to `size`. The checkpoint comes last: files that it does not name harm nobody. */
  const integrate = async (now: TileTree, size: number, removedTo: number): Promise<void> => {
    const first = Math.floor(now.size() / TILE_WIDTH);
    for (let index = first; index * TILE_WIDTH < size; index += 1) {
      const hashes = await writeBundle(index, size, removedTo);
      for (const hash of hashes.slice(now.size() - index * TILE_WIDTH)) now.append(hash);
      for (const { tile, hashes: whole } of full) await writeTile(tile, whole);
      full = [];
    }
    for (const { tile, hashes } of now.partials()) await writeTile(tile, hashes);
  };

  /** Partial files whose full one is there now, and bundles that retention has removed. */
  const tidy = async (before: number, size: number, removedTo: number): Promise<void> => {
    for (let level = 0; level < tileLevels(size); level += 1) {
      const from = tilesAt(level, before).full;
      const to = tilesAt(level, size).full;
      for (let index = from; index < to; index += 1) {
        await files.remove(partFolder(tilePath({ level, index, width: TILE_WIDTH })));
        if (level === 0) await files.remove(partFolder(bundlePath(index)));
      }
    }
    for (let index = removedFiles / TILE_WIDTH; index * TILE_WIDTH < removedTo; index += 1)
      await files.remove(bundlePath(index));
    removedFiles = removedTo;
  };

  const save = async (note: string, checkpoint: Checkpoint): Promise<void> => {
    await files.write(CHECKPOINT_FILE, utf8(note));
    latest = { checkpoint, note, at: toInstant(clock.now()) };
    await store.write((tx) => tx.setMeta(CHECKPOINT_META, note));
  };

  const askWitness = async (): Promise<void> => {
    const { witness } = options;
    if (witness === undefined || latest === undefined) return;
    const { note, checkpoint } = latest;
    const hashes = tileHashes(hasher, files, checkpoint.size);
    const result = await cosign(witness, note, cosignedSize, checkpoint.size, (from) =>
      hashes.proof(consistencySubtrees(from, checkpoint.size)),
    );
    if ('note' in result) {
      cosignedSize = checkpoint.size;
      await save(result.note, checkpoint);
      await options.cosigned?.(latest, witness.key.name);
    } else options.witnessFailed?.('refused' in result ? 'refused' : result.failed);
  };

  /** The log's key, noted at the first start; a new origin (a restored store) has a new one. */
  const notedKey = (own: VerifierKey, text: string): Promise<string> =>
    store.write(async (tx) => {
      const noted = await tx.meta(KEY_META);
      const known = noted === undefined ? undefined : parseKey(sha256, noted);
      if (noted !== undefined && known?.name === own.name) return noted;
      await tx.setMeta(KEY_META, text);
      return text;
    });

  const grow = async (now: TileTree, size: number, removedTo: number): Promise<void> => {
    if (size <= now.size()) return;
    try {
      await integrate(now, size, removedTo);
    } catch (error) {
      // Half an integration is none: the next one begins with the files again.
      tree = undefined;
      full = [];
      throw error;
    }
  };

  /** Takes over what another instance of the service has signed. */
  const follow = async (now: TileTree, entries: number, removedTo: number): Promise<void> => {
    const note = await store.read((tx) => tx.meta(CHECKPOINT_META));
    const opened =
      note === undefined || key === undefined ? undefined : await openCheckpoint(ed25519Verify, key, note);
    if (note !== undefined && opened !== undefined && !('problem' in opened)) {
      const { checkpoint } = opened;
      if (checkpoint.size > entries) throw new AlarmError('rolledBack');
      await grow(now, checkpoint.size, removedTo);
      if (checkpoint.size === now.size() && latest?.note !== note) {
        if (!equalBytes(now.root(), checkpoint.root)) throw new AlarmError('refused');
        await files.write(CHECKPOINT_FILE, utf8(note));
        latest = { checkpoint, note, at: toInstant(clock.now()) };
      }
    }
    if (entries === (latest?.checkpoint.size ?? 0)) unsignedSince = undefined;
    else if (clock.now() - (unsignedSince ??= clock.now()) > FOLLOW_MS) throw new AlarmError('signer');
  };

  const signHead = async (now: TileTree, state: SignerState, size: number): Promise<void> => {
    const root = now.root();
    const proof = await tileHashes(hasher, files, size).proof(consistencySubtrees(state.size, size));
    const reply = await signer.sign({ size, root: toBase64(root), proof: proof.map(toBase64) }).catch(() => {
      throw new AlarmError('signer');
    });
    if ('refused' in reply) throw new AlarmError('refused');
    const opened =
      key === undefined
        ? { problem: 'signature' as const }
        : await openCheckpoint(ed25519Verify, key, reply.note);
    if ('problem' in opened || opened.checkpoint.size !== size || !equalBytes(opened.checkpoint.root, root))
      throw new AlarmError('signer');
    await save(reply.note, opened.checkpoint);
    await askWitness();
  };

  const publishNow = async (): Promise<Published | undefined> => {
    const state = await signer.state().catch(() => {
      throw new AlarmError('signer');
    });
    const own = parseKey(sha256, state.key);
    if (own === undefined) throw new AlarmError('signer');
    if (key === undefined || tree === undefined) {
      const noted = await notedKey(own, state.key);
      key = parseKey(sha256, noted);
      if (key === undefined) throw new AlarmError('signer');
      await files.write(KEY_FILE, utf8(`${noted}\n`));
      tree = await begin();
    }
    const { size, removedTo } = await store.read(async (tx) => ({
      size: await tx.auditSize(),
      removedTo: await tx.auditRemovedTo(),
    }));
    const before = tree.size();
    if (size < before) throw new AlarmError('rolledBack');
    if (!sameKey(own, key)) await follow(tree, size, removedTo);
    else {
      if (size < state.size) throw new AlarmError('rolledBack');
      if (size === 0) return undefined;
      await grow(tree, size, removedTo);
      if (latest?.checkpoint.size !== size) await signHead(tree, state, size);
      unsignedSince = undefined;
    }
    if (latest !== undefined) await tidy(before, latest.checkpoint.size, removedTo);
    return latest;
  };

  const publish = (): Promise<Published | undefined> => {
    const run = working
      .then(publishNow)
      .then((done) => {
        alarm = null;
        return done;
      })
      .catch((error: unknown) => {
        if (!(error instanceof AlarmError)) throw error;
        if (alarm !== error.alarm) options.alarmed?.(error.alarm);
        alarm = error.alarm;
        return latest;
      });
    working = run.catch(() => undefined);
    return run;
  };

  const tick = async (): Promise<void> => {
    const size = await store.read((tx) => tx.auditSize());
    const unsigned = size - (latest?.checkpoint.size ?? 0);
    const nowMs = clock.now();
    if (unsigned === 0) {
      unsignedSince = undefined;
      return;
    }
    unsignedSince ??= nowMs;
    const due =
      latest === undefined ||
      unsigned < 0 ||
      unsigned >= SERVICE_LIMITS.checkpointEntries ||
      nowMs - unsignedSince >= SERVICE_LIMITS.checkpointMs;
    if (due) await publish();
  };

  const plan = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      void tick()
        .catch((error: unknown) => options.failed?.(error))
        .finally(plan);
    }, SERVICE_LIMITS.sequencerMs);
    timer.unref();
  };

  return {
    files,
    key: () => key,
    latest: () => latest,
    alarm: () => alarm,
    publish,
    tick,
    hashes: () => (latest === undefined ? undefined : tileHashes(hasher, files, latest.checkpoint.size)),
    start: plan,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await publish().catch(() => undefined);
      await signer.close();
    },
  };
}

/** The verifier key of the log: of several instances on one store only those with this signer sign. */
export const KEY_META = 'auditKey';
/** An instance without the signer waits that long for a checkpoint by another one before it gives the alarm. */
const FOLLOW_MS = 5 * SERVICE_LIMITS.checkpointMs;

/** The latest signed checkpoint, kept in the store too: a backup names what its log has to continue. */
export const CHECKPOINT_META = 'auditCheckpoint';
/** Set when the store was restored from a backup: what is appended to the log's origin, and what the log continues. */
export const SERIES_META = 'auditSeries';
export const CONTINUES_META = 'auditContinues';

/** The root of the first `size` entries as a signed checkpoint would name it, from the store alone. */
export async function storeRoot(store: Store, size: number): Promise<Uint8Array> {
  const tree = createTileTree(hasher, () => undefined);
  while (tree.size() < size) {
    const leaves = await store.read((tx) =>
      tx.auditLeaves(tree.size(), Math.min(10_000, size - tree.size())),
    );
    if (leaves.length === 0) break;
    for (const leaf of leaves) tree.append(fromHex(leaf) ?? new Uint8Array());
  }
  return tree.root();
}

/** The head in a stored checkpoint; undefined when there is none or it is damaged. */
export function storedHead(note: string | undefined): Checkpoint | undefined {
  const lines = note?.split('\n') ?? [];
  const root = fromBase64(lines[2] ?? '');
  const size = Number(lines[1]);
  if (root?.length !== 32 || !Number.isSafeInteger(size)) return undefined;
  return { origin: lines[0] ?? '', size, root, extensions: [] };
}
