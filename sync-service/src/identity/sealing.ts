import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const IV = 12;
const TAG = 16;

const keyOf = (key: Buffer, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, '', `sivis/${use}/1`, 32));

/** Seals a secret of the service (AES-256-GCM); `use` and `owner` are bound to it, so that one cannot stand for another. */
export function sealSecret(key: Buffer, use: string, owner: string, secret: Buffer): string {
  const iv = randomBytes(IV);
  const cipher = createCipheriv('aes-256-gcm', keyOf(key, use), iv).setAAD(Buffer.from(owner));
  return Buffer.concat([iv, cipher.update(secret), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** Opens what `sealSecret` made. Throws when it was made with another key, for another use or owner. */
export function openSecret(key: Buffer, use: string, owner: string, sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(key, use), bytes.subarray(0, IV))
    .setAAD(Buffer.from(owner))
    .setAuthTag(bytes.subarray(-TAG));
  return Buffer.concat([decipher.update(bytes.subarray(IV, -TAG)), decipher.final()]);
}
