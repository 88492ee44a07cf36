import { createPublicKey, hash, verify, type KeyObject } from 'node:crypto';
import { treeHasher, type Sha256 } from '@sivis/shared/tlog/merkle.ts';
import type { Ed25519Verify } from '@sivis/shared/tlog/note.ts';

/** The hash and the signatures of the log, by Node. */
export const sha256: Sha256 = (data) => hash('sha256', data, 'buffer');

export const hasher = treeHasher(sha256);

/** What stands before an Ed25519 key in its DER form (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

export const ed25519Verify: Ed25519Verify = (publicKey, message, signature) => {
  if (publicKey.length !== 32) return false;
  const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
  return verify(null, message, key, signature);
};

/** The 32 bytes of an Ed25519 public key. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  return Uint8Array.from(key.export({ format: 'der', type: 'spki' }).subarray(-32));
}
