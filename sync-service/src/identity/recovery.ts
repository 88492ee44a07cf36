import { createDecipheriv, createECDH, createPublicKey, hkdfSync, verify } from 'node:crypto';
import { z } from 'zod';

const CURVE = 'prime256v1';
const FORMAT = 'sivis-pending/1';

/** A private key of the curve P-256, 32 bytes. */
export function newRecoveryKey(): Buffer {
  const pair = createECDH(CURVE);
  pair.generateKeys();
  const key = pair.getPrivateKey();
  return Buffer.concat([Buffer.alloc(32 - key.length), key]);
}

/** The public key as a point, base64: what a desk encrypts to. */
export function recoveryPublicKey(privateKey: Buffer): string {
  const pair = createECDH(CURVE);
  pair.setPrivateKey(privateKey);
  return pair.getPublicKey('base64');
}

/** A sealed file of a desk (decision 18): ephemeral ECDH, HKDF-SHA-256, AES-256-GCM over what the desk signed. */
const sealedSchema = z.strictObject({
  format: z.literal(FORMAT),
  key: z.base64(),
  iv: z.base64(),
  body: z.base64(),
});
const signedSchema = z.strictObject({
  payload: z.string(),
  jwk: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() }),
  signature: z.base64(),
});

export interface OpenedFile {
  /** What the desk wrote, as text. */
  readonly payload: string;
  /** The public key with which it was signed. */
  readonly jwk: z.infer<typeof signedSchema>['jwk'];
}

/** Opens a file that a desk sealed to the recovery key. Throws for a file that is none, of another key, or changed. */
export function openRecoveryFile(privateKey: Buffer, text: string): OpenedFile {
  const { key, iv, body } = sealedSchema.parse(JSON.parse(text));
  const pair = createECDH(CURVE);
  pair.setPrivateKey(privateKey);
  const point = Buffer.from(key, 'base64');
  const secret = hkdfSync('sha256', pair.computeSecret(point), point, FORMAT, 32);
  const bytes = Buffer.from(body, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(secret), Buffer.from(iv, 'base64'))
    .setAAD(Buffer.from(FORMAT))
    .setAuthTag(bytes.subarray(-16));
  const plain = Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
  const { payload, jwk, signature } = signedSchema.parse(JSON.parse(plain));
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  const right = verify(
    'sha256',
    Buffer.from(payload),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64'),
  );
  if (!right) throw new Error('the signature of the desk is wrong');
  return { payload, jwk };
}
