import { createECDH, createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import { CURVE, openSealedTo } from './sealedTo.ts';

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
  const plain = openSealedTo(privateKey, FORMAT, text);
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
