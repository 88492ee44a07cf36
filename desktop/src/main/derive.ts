import * as crypto from 'node:crypto';
import type { KdfCost, Result } from '../preload/contract.ts';

const KEY_BYTES = 32;

/** `crypto.argon2` as Node 24 has it; Electron's build of Node may be without. */
type Argon2 = typeof crypto.argon2;

function nodeArgon2(): Argon2 | undefined {
  const { argon2 } = crypto as { readonly argon2?: Argon2 };
  return typeof argon2 === 'function' ? argon2 : undefined;
}

/**
 * Argon2id (RFC 9106, version 0x13) of a password, 32 bytes; off the main thread.
 * @param password as typed; its UTF-8 bytes in Unicode form NFKC, as the page's worker takes them
 * @param salt 16 to 64 random bytes
 * @returns 'unavailable' where this runtime cannot do it; then the page's worker does
 */
export async function deriveKey(
  password: string,
  salt: Uint8Array,
  cost: KdfCost,
  argon2: Argon2 | undefined = nodeArgon2(),
): Promise<Result<'deriveKey'>> {
  if (argon2 === undefined) return { state: 'unavailable' };
  return new Promise((resolve) => {
    const parameters = {
      message: Buffer.from(password.normalize('NFKC')),
      nonce: salt,
      parallelism: cost.parallelism,
      tagLength: KEY_BYTES,
      memory: cost.memoryKiB,
      passes: cost.iterations,
    };
    try {
      argon2('argon2id', parameters, (error, key) => {
        resolve(error === null ? { state: 'ok', key: new Uint8Array(key) } : { state: 'unavailable' });
      });
    } catch {
      // BoringSSL has the function without the algorithm.
      resolve({ state: 'unavailable' });
    }
  });
}
