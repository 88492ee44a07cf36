import { argon2id } from 'hash-wasm';
import type { DeriveBytes } from './kdf.ts';

/**
 * Argon2id (RFC 9106, version 0x13) in WebAssembly. The password is taken in Unicode form NFKC (NIST SP 800-63B
 * 5.1.1.2), so that one typed on another keyboard is the same.
 */
export const argon2Bytes: DeriveBytes = async (password, salt, params) => {
  const key = await argon2id({
    password: new TextEncoder().encode(password.normalize('NFKC')),
    salt,
    memorySize: params.memoryKiB,
    iterations: params.iterations,
    parallelism: params.parallelism,
    hashLength: 32,
    outputType: 'binary',
  });
  return new Uint8Array(key);
};
