import { z } from 'zod';
import { concat, equalBytes, fromBase64, fromHex, toBase64, toHex, utf8 } from './bytes.ts';
import { openCheckpoint } from './checkpoint.ts';
import { rangeSubtrees, rootOfRange, treeHasher } from './merkle.ts';
import type { TileHashes } from './tiles.ts';
import { entryInspector, problemList, type Verification, type VerifyOptions } from './verifyLog.ts';

/** A part of a log with the proof that it stands there: one file that is verified without anything else. */

export const SLICE_FORMAT = 'sivis-audit-slice/1';

export const sliceSchema = z.strictObject({
  format: z.literal(SLICE_FORMAT),
  /** The log's verifier key as the service says it; who does not trust the file brings it from elsewhere. */
  key: z.string(),
  /** The signed checkpoint of the tree in which the entries stand. */
  checkpoint: z.string(),
  /** Number of the first entry, from 1. */
  first: z.int().min(1),
  entries: z
    .array(
      z.strictObject({
        /** The entry's text, exactly as it was hashed. */
        envelope: z.string(),
        /** With the content, where it was asked for and is not erased: hex of 32 bytes, and the committed text. */
        salt: z.string().nullable().optional(),
        payload: z.string().nullable().optional(),
      }),
    )
    .min(1),
  /** Hashes of the subtrees left and right of the entries, base64, in order of the leaves. */
  proof: z.array(z.string()).max(128),
});
export type Slice = z.infer<typeof sliceSchema>;

/** The proof of the entries `[first, first + count)` (from 1) in the tree of `size`. */
export async function sliceProof(
  tiles: TileHashes,
  first: number,
  count: number,
  size: number,
): Promise<string[]> {
  return (await tiles.proof(rangeSubtrees(first - 1, first - 1 + count, size))).map(toBase64);
}

/** The commitment of a payload as its envelope names it: SHA-256(salt ‖ payload), hex. */
export function commitmentOf(sha256: VerifyOptions['sha256'], salt: string, payload: string): string {
  return toHex(sha256(concat(fromHex(salt) ?? new Uint8Array(), utf8(payload))));
}

function payloadFits(sha256: VerifyOptions['sha256'], entry: Slice['entries'][number]): boolean {
  if (typeof entry.salt !== 'string' || typeof entry.payload !== 'string') return true;
  try {
    const { payloadCommit } = JSON.parse(entry.envelope) as { payloadCommit?: unknown };
    return payloadCommit === commitmentOf(sha256, entry.salt, entry.payload);
  } catch {
    return false;
  }
}

/** Verifies a slice: the checkpoint's signature, that the entries stand in its tree, and their payloads. */
export async function verifySlice(slice: Slice, options: VerifyOptions): Promise<Verification> {
  const { sha256, key } = options;
  const hasher = treeHasher(sha256);
  const found = problemList();
  const opened = await openCheckpoint(options.verify, key, slice.checkpoint);
  if ('problem' in opened) {
    found.note({
      kind: opened.problem === 'malformed' ? 'checkpoint' : opened.problem,
      where: 'checkpoint',
    });
    return found.result({ origin: key.name, size: 0, root: '', entries: 0, removedTo: 0, deviceAlarms: 0 });
  }
  const { checkpoint } = opened;
  const proof = slice.proof.map((hash) => fromBase64(hash) ?? new Uint8Array());
  const leaves = slice.entries.map((entry) => hasher.leaf(utf8(entry.envelope)));
  const root = rootOfRange(hasher, leaves, slice.first - 1, checkpoint.size, proof);
  if (root === undefined || !equalBytes(root, checkpoint.root))
    found.note({ kind: 'proof', where: `${slice.first}-${slice.first + leaves.length - 1}` });
  const inspector = entryInspector(() => undefined);
  for (const [at, entry] of slice.entries.entries()) {
    inspector.see(slice.first + at, utf8(entry.envelope));
    if (!payloadFits(sha256, entry)) found.note({ kind: 'payload', where: String(slice.first + at) });
  }
  for (const head of options.known ?? []) {
    if (head.origin !== checkpoint.origin) continue;
    if (head.size > checkpoint.size) found.note({ kind: 'rolledBack', where: String(head.size) });
    else if (head.size === checkpoint.size && !equalBytes(head.root, checkpoint.root))
      found.note({ kind: 'forked', where: String(head.size) });
  }
  return found.result({
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: toHex(checkpoint.root),
    entries: leaves.length,
    removedTo: inspector.removedTo(),
    deviceAlarms: inspector.deviceAlarms(),
  });
}
