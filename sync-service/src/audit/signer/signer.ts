import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { equalBytes, fromBase64, toBase64, toHex, utf8 } from '@sivis/shared/tlog/bytes.ts';
import { checkpointText } from '@sivis/shared/tlog/checkpoint.ts';
import { HASH_BYTES, verifyConsistency } from '@sivis/shared/tlog/merkle.ts';
import { formatKey, makeKey, NOTE_KEY, signatureLine, type VerifierKey } from '@sivis/shared/tlog/note.ts';
import { hasher, rawPublicKey, sha256 } from '../nodeCrypto.ts';

/**
 * The signer of checkpoints. It sees sizes and roots only, never an entry. It signs a tree when that is proved to
 * contain the last one it signed, and remembers what it signed before the signature leaves it: a tree that was cut or
 * forked gets none, whoever asks.
 */
export interface Signer {
  readonly key: VerifierKey;
  state(): SignerState;
  /** Signs the head, or says why not. */
  sign(request: SignRequest): SignReply;
}

export interface SignerState {
  /** The verifier key as text. */
  readonly key: string;
  readonly origin: string;
  /** The last signed head; size 0 before the first. */
  readonly size: number;
  /** Base64. */
  readonly root: string;
  /** The last signed checkpoint; `''` before the first. */
  readonly note: string;
}

export const signRequestSchema = z.strictObject({
  size: z.int().min(1),
  root: z.string(),
  /** Consistency with the last signed head, base64. */
  proof: z.array(z.string()).max(64),
});
export type SignRequest = z.infer<typeof signRequestSchema>;

export type SignReply =
  | { readonly note: string }
  /** `smaller`: the tree is smaller than the signed one. `inconsistent`: it does not contain it. */
  | { readonly refused: 'smaller' | 'inconsistent' | 'malformed'; readonly size: number };

const storedSchema = z.strictObject({ size: z.int().min(0), root: z.string(), note: z.string() });
type Stored = z.infer<typeof storedSchema>;

/** What a signer has signed last, from its file. Throws for a file that no signer wrote. */
export const readSignerState = (text: string): Stored => storedSchema.parse(JSON.parse(text));

/** Keeps what was signed last; `save` returns when it is durable. */
export interface SignerMemory {
  load(): Stored | undefined;
  save(state: Stored): void;
}

/** @param extensions lines of every checkpoint, for a log that continues another */
export function createSigner(
  privateKey: KeyObject,
  origin: string,
  extensions: readonly string[],
  memory: SignerMemory,
): Signer {
  const key = makeKey(sha256, origin, NOTE_KEY, rawPublicKey(createPublicKey(privateKey)));
  let last: Stored = memory.load() ?? { size: 0, root: toBase64(hasher.empty), note: '' };
  return {
    key,
    state: () => ({ key: formatKey(key), origin, ...last }),
    sign({ size, root: encoded, proof }) {
      const root = fromBase64(encoded);
      if (root?.length !== HASH_BYTES) return { refused: 'malformed', size: last.size };
      if (size < last.size) return { refused: 'smaller', size: last.size };
      const before = fromBase64(last.root) ?? new Uint8Array();
      if (size === last.size && equalBytes(root, before)) return { note: last.note };
      const hashes = proof.map((hash) => fromBase64(hash) ?? new Uint8Array());
      if (!verifyConsistency(hasher, last.size, before, size, root, hashes))
        return { refused: 'inconsistent', size: last.size };
      const text = checkpointText({ origin, size, root, extensions });
      const note = `${text}\n${signatureLine(key, sign(null, utf8(text), privateKey))}`;
      const next = { size, root: encoded, note };
      memory.save(next);
      last = next;
      return { note };
    },
  };
}

function writeDurably(file: string, text: string): void {
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, text, { mode: 0o600, flush: true });
  renameSync(part, file);
  if (process.platform === 'win32') return;
  // The name too, not only the content.
  const folder = openSync(path.dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/**
 * The signer of a folder that nobody else needs to read: its key (made at the first start) and, for each origin, what
 * it signed last. Throws when one of them is damaged: a signer that has forgotten must not sign.
 */
export function openSigner(dir: string, origin: string, extensions: readonly string[]): Signer {
  if (!/^[^\s+]+$/u.test(origin)) throw new RangeError('an origin has no spaces and no plus');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const keyFile = path.join(dir, 'key.pem');
  if (!existsSync(keyFile)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeDurably(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  }
  const privateKey = createPrivateKey(readFileSync(keyFile));
  const stateFile = path.join(dir, `signed-${toHex(sha256(utf8(origin))).slice(0, 16)}.json`);
  return createSigner(privateKey, origin, extensions, {
    load: () => (existsSync(stateFile) ? readSignerState(readFileSync(stateFile, 'utf8')) : undefined),
    save: (state) => writeDurably(stateFile, JSON.stringify(state)),
  });
}
