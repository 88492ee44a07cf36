import { createDecipheriv, createECDH, hkdfSync } from 'node:crypto';
import { z } from 'zod';

export const CURVE = 'prime256v1';

const sealedSchema = z.strictObject({
  format: z.string(),
  key: z.base64(),
  iv: z.base64(),
  body: z.base64(),
});

/**
 * Opens what a desk sealed to the recovery key: ephemeral ECDH, HKDF-SHA-256, AES-256-GCM; `format` says what it is and is
 * bound to it. Throws for a text that is none, of another key or format, or changed.
 */
export function openSealedTo(privateKey: Buffer, format: string, text: string): string {
  const sealed = sealedSchema.parse(JSON.parse(text));
  if (sealed.format !== format) throw new Error('sealed as something else');
  const pair = createECDH(CURVE);
  pair.setPrivateKey(privateKey);
  const point = Buffer.from(sealed.key, 'base64');
  const secret = hkdfSync('sha256', pair.computeSecret(point), point, format, 32);
  const bytes = Buffer.from(sealed.body, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(secret), Buffer.from(sealed.iv, 'base64'))
    .setAAD(Buffer.from(format))
    .setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
}
