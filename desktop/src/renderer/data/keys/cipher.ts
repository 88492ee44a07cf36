import { fromBase64, randomBytes, toBase64, utf8 } from './bytes.ts';

/**
 * Why a blob did not open. `TAMPERED`: it is not what was written under this key, or belongs elsewhere.
 * `WRONG_KEY`: it was sealed with another data key, so nothing is known about it and nothing may be overwritten.
 * `LOCKED`: the keys are forgotten.
 */
export type CipherFailure = 'TAMPERED' | 'WRONG_KEY' | 'LOCKED';

export class CipherError extends Error {
  readonly code: CipherFailure;
  constructor(code: CipherFailure, message: string) {
    super(message);
    this.name = 'CipherError';
    this.code = code;
  }
}

/**
 * Authenticated encryption of texts under one data key. `area` names what the text belongs to and selects the
 * sub-key, `aad` is bound to the blob: a blob opens only with the area and the `aad` it was sealed with.
 */
export interface Cipher {
  /** Names the data key; part of every blob, so that a later key can open old blobs by their own. */
  readonly keyId: string;
  seal(area: string, aad: string, text: string): Promise<string>;
  /** Throws a {@link CipherError} when the blob is not authentic. */
  open(area: string, aad: string, blob: string): Promise<string>;
  /** Forgets all keys; every later call throws. */
  close(): void;
}

const FORMAT = 'a1';
const IV_BYTES = 12;
const KEY_BITS = 256;

/**
 * AES-256-GCM with a random 96-bit IV and a sub-key per area, derived by HKDF-SHA-256 from the data key.
 * All keys are non-extractable. A collection stays far below the 2^32 encryptions that NIST SP 800-38D (8.3)
 * allows one key with random IVs: at one write a second that is 136 years.
 * @param dataKey an HKDF key over 256 random bits
 */
export function createCipher(dataKey: CryptoKey, keyId: string): Cipher {
  const areaKeys = new Map<string, Promise<CryptoKey>>();
  let root: CryptoKey | null = dataKey;

  const keyOf = (area: string): Promise<CryptoKey> => {
    if (root === null) throw new CipherError('LOCKED', 'the keys are locked');
    let key = areaKeys.get(area);
    if (key === undefined) {
      key = crypto.subtle.deriveKey(
        { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8(`sivis/area/1/${area}`) },
        root,
        { name: 'AES-GCM', length: KEY_BITS },
        false,
        ['encrypt', 'decrypt'],
      );
      areaKeys.set(area, key);
    }
    return key;
  };

  return {
    keyId,
    async seal(area, aad, text) {
      const key = await keyOf(area);
      const iv = randomBytes(IV_BYTES);
      const sealed = await crypto.subtle.encrypt(
        { name: 'AES-GCM', iv, additionalData: utf8(`${keyId}\n${aad}`) },
        key,
        utf8(text),
      );
      const blob = new Uint8Array(IV_BYTES + sealed.byteLength);
      blob.set(iv, 0);
      blob.set(new Uint8Array(sealed), IV_BYTES);
      return `${FORMAT}.${keyId}.${toBase64(blob)}`;
    },
    async open(area, aad, blob) {
      const key = await keyOf(area);
      const [format, blobKeyId, body] = blob.split('.');
      if (format !== FORMAT || body === undefined) throw new CipherError('TAMPERED', 'not a sealed blob');
      if (blobKeyId !== keyId) throw new CipherError('WRONG_KEY', 'sealed with another key');
      try {
        const bytes = fromBase64(body);
        const opened = await crypto.subtle.decrypt(
          { name: 'AES-GCM', iv: bytes.subarray(0, IV_BYTES), additionalData: utf8(`${keyId}\n${aad}`) },
          key,
          bytes.subarray(IV_BYTES),
        );
        return new TextDecoder().decode(opened);
      } catch {
        throw new CipherError('TAMPERED', 'the blob is not authentic');
      }
    },
    close() {
      root = null;
      areaKeys.clear();
    },
  };
}
