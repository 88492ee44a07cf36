import { concat, utf8 } from './bytes.ts';
import { HASH_BYTES, rootOf, splitPoint, type Subtree, type TreeHasher } from './merkle.ts';

/** The files of a log (C2SP tlog-tiles): hashes in tiles of 256, entries in bundles of 256. */

export const TILE_WIDTH = 256;
export const CHECKPOINT_FILE = 'checkpoint';
/** The verifier key of the log, beside its files. Who distrusts the folder brings the key from elsewhere. */
export const KEY_FILE = 'key';
/** An entry's length stands in two bytes. */
export const ENTRY_MAX_BYTES = 65_535;

/** Reads a file of a log by its path; `undefined` where there is none. */
export interface LogReader {
  read(path: string): Promise<Uint8Array | undefined>;
}

export interface Tile {
  readonly level: number;
  readonly index: number;
  /** Hashes in it, 1 to 256. */
  readonly width: number;
}

/** `x001/x234/067` for 1234067. */
function indexPath(index: number): string {
  const groups: string[] = [];
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(String(rest % 1000).padStart(3, '0'));
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
}

const partOf = (width: number): string => (width === TILE_WIDTH ? '' : `.p/${width}`);

export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${indexPath(index)}${partOf(width)}`;
}

export function bundlePath(index: number, width: number = TILE_WIDTH): string {
  return `tile/entries/${indexPath(index)}${partOf(width)}`;
}

/** The tiles of a level in a tree of `size` leaves: full ones and the width of the partial one (0: none). */
export function tilesAt(level: number, size: number): { readonly full: number; readonly partial: number } {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return { full: Math.floor(hashes / TILE_WIDTH), partial: hashes % TILE_WIDTH };
}

/** How many levels of tiles a tree has. */
export function tileLevels(size: number): number {
  let levels = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / TILE_WIDTH)) levels += 1;
  return levels;
}

/** The hashes of a tile; `undefined` when the bytes are no tile of that width. */
export function splitTile(bytes: Uint8Array, width: number): Uint8Array[] | undefined {
  if (bytes.length !== width * HASH_BYTES) return undefined;
  return Array.from({ length: width }, (_, at) => bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}

/** A bundle of entries. Throws for an entry that is too long. */
export function makeBundle(entries: readonly string[]): Uint8Array {
  return concat(
    ...entries.flatMap((entry) => {
      const bytes = utf8(entry);
      if (bytes.length > ENTRY_MAX_BYTES)
        throw new RangeError('an audit entry is longer than a bundle takes');
      return [Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes];
    }),
  );
}

/** The entries of a bundle; `undefined` when the bytes are no bundle of `width` entries. */
export function splitBundle(bytes: Uint8Array, width: number): Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 2 > bytes.length) return undefined;
    const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    at += 2;
    if (at + length > bytes.length) return undefined;
    entries.push(bytes.subarray(at, at + length));
    at += length;
  }
  return entries.length === width ? entries : undefined;
}

/** The right edge of a tree that grows: of each level the hashes of the tile that is not full yet. */
export interface TileTree {
  size(): number;
  /** Adds the hash of a leaf; tells of each tile that became full by it. */
  append(leaf: Uint8Array): void;
  root(): Uint8Array;
  /** The tiles that are not full, with their hashes. */
  partials(): { readonly tile: Tile; readonly hashes: readonly Uint8Array[] }[];
}

/**
 * A tree that starts empty or, with `edge`, at `size` leaves: `edge[level]` has the hashes of the partial tile of that
 * level.
 */
export function createTileTree(
  hasher: TreeHasher,
  onFull: (tile: Tile, hashes: readonly Uint8Array[]) => void,
  size = 0,
  edge: readonly (readonly Uint8Array[])[] = [],
): TileTree {
  const levels = edge.map((hashes) => [...hashes]);
  let count = size;
  const push = (level: number, hash: Uint8Array): void => {
    const hashes = (levels[level] ??= []);
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    const index = Math.floor(count / TILE_WIDTH ** (level + 1)) - 1;
    onFull({ level, index, width: TILE_WIDTH }, hashes);
    levels[level] = [];
    push(level + 1, rootOf(hasher, hashes));
  };
  return {
    size: () => count,
    append(leaf) {
      count += 1;
      push(0, leaf);
    },
    root() {
      let rest: Uint8Array | undefined;
      for (const hashes of levels) {
        const all = rest === undefined ? hashes : [...hashes, rest];
        if (all.length > 0) rest = rootOf(hasher, all);
      }
      return rest ?? hasher.empty;
    },
    partials: () =>
      levels.flatMap((hashes, level) =>
        hashes.length === 0
          ? []
          : [
              {
                tile: { level, index: tilesAt(level, count).full, width: hashes.length },
                hashes: [...hashes],
              },
            ],
      ),
  };
}

/** A tile that a proof needs is not there or is no tile. */
export class TileMissingError extends Error {
  readonly code = 'TILE_MISSING';
  readonly path: string;
  constructor(path: string) {
    super(`the tile ${path} is missing or damaged`);
    this.name = 'TileMissingError';
    this.path = path;
  }
}

/** Computes hashes of subtrees from the tiles of a tree of `size` leaves. */
export interface TileHashes {
  /** The Merkle tree hash of the leaves `[from, to)`; `from` is a multiple of the range's power of two. */
  subtree(range: Subtree): Promise<Uint8Array>;
  /** All of them, in order. */
  proof(ranges: readonly Subtree[]): Promise<Uint8Array[]>;
}

/** Throws TileMissingError when a tile is not there. */
export function tileHashes(hasher: TreeHasher, reader: LogReader, size: number): TileHashes {
  const known = new Map<string, Uint8Array[]>();
  const load = async (level: number, index: number): Promise<Uint8Array[]> => {
    const { full, partial } = tilesAt(level, size);
    const width = index < full ? TILE_WIDTH : partial;
    const path = tilePath({ level, index, width });
    const cached = known.get(path);
    if (cached !== undefined) return cached;
    let bytes = await reader.read(path);
    if (bytes === undefined && width < TILE_WIDTH) {
      // A partial tile may be gone once the tree has grown past it.
      bytes = (await reader.read(tilePath({ level, index, width: TILE_WIDTH })))?.subarray(
        0,
        width * HASH_BYTES,
      );
    }
    const hashes = bytes === undefined ? undefined : splitTile(bytes, width);
    if (hashes === undefined) throw new TileMissingError(path);
    known.set(path, hashes);
    return hashes;
  };
  const subtree = async ({ from, to }: Subtree): Promise<Uint8Array> => {
    const length = to - from;
    if (length === 0) return hasher.empty;
    if (length > 1 && splitPoint(length) * 2 !== length) {
      const middle = from + splitPoint(length);
      return hasher.node(await subtree({ from, to: middle }), await subtree({ from: middle, to }));
    }
    let level = 0;
    while (TILE_WIDTH ** (level + 1) <= length) level += 1;
    const unit = TILE_WIDTH ** level;
    const first = from / unit;
    const hashes = await load(level, Math.floor(first / TILE_WIDTH));
    const at = first % TILE_WIDTH;
    return rootOf(hasher, hashes.slice(at, at + length / unit));
  };
  return {
    subtree,
    async proof(ranges) {
      const hashes: Uint8Array[] = [];
      for (const range of ranges) hashes.push(await subtree(range));
      return hashes;
    },
  };
}
