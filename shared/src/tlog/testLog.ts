import { checkpointText } from './checkpoint.ts';
import { treeHasher, type Sha256 } from './merkle.ts';
import { signatureLine, type VerifierKey } from './note.ts';
import { concat, utf8 } from './bytes.ts';
import { bundlePath, CHECKPOINT_FILE, createTileTree, makeBundle, tilePath, TILE_WIDTH } from './tiles.ts';

/** A log in memory for tests: its files by path. */
export interface TestLog {
  readonly files: Map<string, Uint8Array>;
  readonly root: Uint8Array;
}

/** Builds the files of a log of these entries and signs its head. */
export async function buildTestLog(
  entries: readonly string[],
  sha256: Sha256,
  key: VerifierKey,
  sign: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>,
  extensions: readonly string[] = [],
): Promise<TestLog> {
  const hasher = treeHasher(sha256);
  const files = new Map<string, Uint8Array>();
  const tree = createTileTree(hasher, (tile, hashes) => files.set(tilePath(tile), concat(...hashes)));
  for (const entry of entries) tree.append(hasher.leaf(utf8(entry)));
  for (const { tile, hashes } of tree.partials()) files.set(tilePath(tile), concat(...hashes));
  for (let at = 0; at < entries.length; at += TILE_WIDTH) {
    const part = entries.slice(at, at + TILE_WIDTH);
    files.set(bundlePath(at / TILE_WIDTH, part.length), makeBundle(part));
  }
  const root = tree.root();
  const text = checkpointText({ origin: key.name, size: entries.length, root, extensions });
  files.set(CHECKPOINT_FILE, utf8(`${text}\n${signatureLine(key, await sign(utf8(text)))}`));
  return { files, root };
}
