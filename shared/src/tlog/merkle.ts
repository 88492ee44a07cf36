import { equalBytes } from './bytes.ts';

/** SHA-256 of the bytes, at once. Node and the browser bring their own. */
export type Sha256 = (data: Uint8Array) => Uint8Array;

/** The hashes of RFC 6962 §2.1: a leaf is hashed with 0x00 before it, a pair with 0x01. */
export interface TreeHasher {
  leaf(entry: Uint8Array): Uint8Array;
  node(left: Uint8Array, right: Uint8Array): Uint8Array;
  /** The root of the empty tree: the hash of nothing. */
  readonly empty: Uint8Array;
}

export const HASH_BYTES = 32;

export function treeHasher(sha256: Sha256): TreeHasher {
  const pair = new Uint8Array(1 + 2 * HASH_BYTES);
  pair[0] = 1;
  return {
    leaf(entry) {
      const data = new Uint8Array(1 + entry.length);
      data.set(entry, 1);
      return sha256(data);
    },
    node(left, right) {
      pair.set(left, 1);
      pair.set(right, 1 + HASH_BYTES);
      return sha256(pair);
    },
    empty: sha256(new Uint8Array()),
  };
}

/** The largest power of two below `size` (RFC 6962 §2.1), for a size of at least 2. */
export function splitPoint(size: number): number {
  let at = 1;
  while (at * 2 < size) at *= 2;
  return at;
}

/** MTH over subtrees of equal size; the last one may be smaller. At least one. */
export function rootOf(hasher: TreeHasher, hashes: readonly Uint8Array[]): Uint8Array {
  const walk = (from: number, to: number): Uint8Array => {
    const only = hashes[from];
    if (only === undefined) return hasher.empty;
    if (to - from === 1) return only;
    const middle = from + splitPoint(to - from);
    return hasher.node(walk(from, middle), walk(middle, to));
  };
  return walk(0, hashes.length);
}

/** A half-open range of leaves whose Merkle tree hash a proof names. */
export interface Subtree {
  readonly from: number;
  readonly to: number;
}

/** The subtrees of an inclusion proof (RFC 6962 §2.1.1), from the leaf's sibling up. */
export function inclusionSubtrees(index: number, size: number): Subtree[] {
  const found: Subtree[] = [];
  const walk = (from: number, to: number): void => {
    if (to - from <= 1) return;
    const middle = from + splitPoint(to - from);
    if (index < middle) {
      walk(from, middle);
      found.push({ from: middle, to });
    } else {
      walk(middle, to);
      found.push({ from, to: middle });
    }
  };
  walk(0, size);
  return found;
}

/** The subtrees of a consistency proof (RFC 6962 §2.1.2); none from the empty tree or between equal sizes. */
export function consistencySubtrees(oldSize: number, size: number): Subtree[] {
  const found: Subtree[] = [];
  const walk = (from: number, to: number, known: boolean): void => {
    if (oldSize === to) {
      if (!known) found.push({ from, to });
      return;
    }
    const middle = from + splitPoint(to - from);
    if (oldSize <= middle) {
      walk(from, middle, known);
      found.push({ from: middle, to });
    } else {
      walk(middle, to, false);
      found.push({ from, to: middle });
    }
  };
  if (oldSize > 0 && oldSize < size) walk(0, size, true);
  return found;
}

/** The subtrees left and right of `[first, end)`: with its leaves they make the root. In order of the leaves. */
export function rangeSubtrees(first: number, end: number, size: number): Subtree[] {
  const found: Subtree[] = [];
  const walk = (from: number, to: number): void => {
    if (to <= first || from >= end) found.push({ from, to });
    else if (to - from > 1) {
      const middle = from + splitPoint(to - from);
      walk(from, middle);
      walk(middle, to);
    }
  };
  walk(0, size);
  return found;
}

class ProofEnded extends Error {}

/** Hands out the hashes of a proof one by one; what does not fit exactly is no proof. */
function consume<T>(proof: readonly Uint8Array[], work: (next: () => Uint8Array) => T): T | undefined {
  let at = 0;
  const next = (): Uint8Array => {
    const hash = proof[at];
    if (hash?.length !== HASH_BYTES) throw new ProofEnded();
    at += 1;
    return hash;
  };
  try {
    const done = work(next);
    return at === proof.length ? done : undefined;
  } catch (error) {
    if (error instanceof ProofEnded) return undefined;
    throw error;
  }
}

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** True when the leaf stands at `index` of the tree with this size and root. */
export function verifyInclusion(
  hasher: TreeHasher,
  leaf: Uint8Array,
  index: number,
  size: number,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  const found = rootOfRange(hasher, [leaf], index, size, proof, true);
  return found !== undefined && equalBytes(found, root);
}

/** True when the tree of `oldSize` and `oldRoot` is the beginning of the tree of `size` and `root`. */
export function verifyConsistency(
  hasher: TreeHasher,
  oldSize: number,
  oldRoot: Uint8Array,
  size: number,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(oldSize) || !isSize(size) || oldSize > size) return false;
  if (oldSize === 0) return proof.length === 0 && equalBytes(oldRoot, hasher.empty);
  if (oldSize === size) return proof.length === 0 && equalBytes(oldRoot, root);
  const roots = consume(proof, (next) => {
    const walk = (from: number, to: number, known: boolean): readonly [Uint8Array, Uint8Array] => {
      if (oldSize === to) {
        const hash = known ? oldRoot : next();
        return [hash, hash];
      }
      const middle = from + splitPoint(to - from);
      if (oldSize <= middle) {
        const [before, after] = walk(from, middle, known);
        return [before, hasher.node(after, next())];
      }
      const [before, after] = walk(middle, to, false);
      const left = next();
      return [hasher.node(left, before), hasher.node(left, after)];
    };
    return walk(0, size, true);
  });
  return roots !== undefined && equalBytes(roots[0], oldRoot) && equalBytes(roots[1], root);
}

/**
 * The root that the leaves `[first, first + leaves.length)` and the hashes of a proof make in a tree of `size`;
 * `undefined` when the proof does not fit. `upwards`: the proof's order is that of an inclusion proof.
 */
export function rootOfRange(
  hasher: TreeHasher,
  leaves: readonly Uint8Array[],
  first: number,
  size: number,
  proof: readonly Uint8Array[],
  upwards = false,
): Uint8Array | undefined {
  const end = first + leaves.length;
  if (!isSize(first) || !isSize(size) || leaves.length === 0 || end > size) return undefined;
  return consume(proof, (next) => {
    const walk = (from: number, to: number): Uint8Array => {
      if (to <= first || from >= end) return next();
      if (to - from === 1) return leaves[from - first] ?? hasher.empty;
      const middle = from + splitPoint(to - from);
      if (upwards && first >= middle) {
        const right = walk(middle, to);
        return hasher.node(walk(from, middle), right);
      }
      const left = walk(from, middle);
      return hasher.node(left, walk(middle, to));
    };
    return walk(0, size);
  });
}
