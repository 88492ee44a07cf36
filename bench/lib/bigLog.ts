/** A large audit log as files: what a verifier is given. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { concat, utf8 } from '../../shared/src/tlog/bytes.ts';
import { checkpointText } from '../../shared/src/tlog/checkpoint.ts';
import { formatKey, makeKey, NOTE_KEY, signatureLine } from '../../shared/src/tlog/note.ts';
import {
  bundlePath,
  CHECKPOINT_FILE,
  createTileTree,
  KEY_FILE,
  makeBundle,
  tilePath,
  TILE_WIDTH,
} from '../../shared/src/tlog/tiles.ts';
import { newId } from '../../shared/src/ids/ids.ts';
import { buildEntry } from '../../sync-service/src/audit/entry.ts';
import { hasher, rawPublicKey, sha256 } from '../../sync-service/src/audit/nodeCrypto.ts';

const ORIGIN = 'sivis.bench/audit/verify';
const MARK = '1234567';

/** Envelopes of reads and changes as the service writes them; only a number in them goes up. */
function template(): readonly [string, string] {
  const who = {
    subject: { userId: newId(), role: 'reception', siteIds: [newId()] },
    deviceId: newId(),
    sessionId: newId(),
    ip: '127.0.0.1',
    app: 'bench',
    nowMs: Date.now(),
  };
  const event = {
    action: 'update',
    kind: 'stay',
    objectId: newId(),
    objectRev: Number(MARK),
    personIds: [newId()],
    result: 'ok',
    changes: [{ field: 'phone', before: null, after: '' }],
  };
  const [head = '', tail = ''] = buildEntry(who, event, Buffer.alloc(32, 1)).envelope.split(MARK);
  return [head, tail];
}

/** Writes the files of a log of `count` entries into the folder and signs it. Returns the bytes of an entry. */
export async function writeBigLog(folder: string, count: number): Promise<number> {
  const [head, tail] = template();
  const write = async (file: string, bytes: Uint8Array): Promise<void> => {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, bytes);
  };
  let full: [string, Uint8Array][] = [];
  const tree = createTileTree(hasher, (tile, hashes) => {
    full.push([tilePath(tile), concat(...hashes)]);
  });
  for (let at = 0; at < count; at += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, count - at);
    const entries = Array.from({ length: width }, (_, n) => `${head}${1_000_000 + at + n}${tail}`);
    for (const entry of entries) tree.append(hasher.leaf(utf8(entry)));
    await write(bundlePath(at / TILE_WIDTH, width), makeBundle(entries));
    for (const [file, bytes] of full) await write(file, bytes);
    full = [];
  }
  for (const { tile, hashes } of tree.partials()) await write(tilePath(tile), concat(...hashes));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = makeKey(sha256, ORIGIN, NOTE_KEY, rawPublicKey(publicKey));
  const text = checkpointText({ origin: ORIGIN, size: count, root: tree.root(), extensions: [] });
  await write(KEY_FILE, utf8(`${formatKey(key)}\n`));
  await write(
    CHECKPOINT_FILE,
    utf8(`${text}\n${signatureLine(key, sign(null, Buffer.from(text), privateKey))}`),
  );
  return head.length + MARK.length + tail.length;
}
