import { fromBase64, randomBytes, toBase64, utf8 } from './bytes.ts';

const EC = { name: 'ECDH', namedCurve: 'P-256' } as const;

/**
 * Encrypts a text to somebody's public key, so that its writer cannot read it again: ephemeral ECDH on P-256,
 * HKDF-SHA-256 with the ephemeral point as salt, AES-256-GCM. `format` names what it is, and is bound to it.
 * @param publicKey a point, base64
 * @returns JSON with `format`, `key` (the ephemeral point), `iv` and `body`, base64
 */
export async function sealTo(publicKey: string, format: string, text: string): Promise<string> {
  const theirs = await crypto.subtle.importKey('raw', fromBase64(publicKey), EC, false, []);
  const own = await crypto.subtle.generateKey(EC, false, ['deriveBits']);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', own.publicKey));
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, own.privateKey, 256);
  const material = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const key = await crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: point, info: utf8(format) },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt'],
  );
  const iv = randomBytes(12);
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: utf8(format) },
    key,
    utf8(text),
  );
  return JSON.stringify({
    format,
    key: toBase64(point),
    iv: toBase64(iv),
    body: toBase64(new Uint8Array(sealed)),
  });
}
