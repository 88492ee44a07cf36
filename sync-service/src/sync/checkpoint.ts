import { createHmac, timingSafeEqual } from 'node:crypto';
import { SivisError } from '@sivis/shared/protocol/errors.ts';

/**
 * What a desk has read (decision 6): the service's epoch (it changes when a backup is restored), the position in the
 * commit order, and the version of the reader's rights. Opaque and signed: a desk can neither read nor make one.
 */
export interface Checkpoint {
  readonly epoch: string;
  readonly seq: number;
  readonly rights: string;
}

function mac(key: Buffer, body: string): Buffer {
  return createHmac('sha256', key).update(`checkpoint.${body}`).digest();
}

export function encodeCheckpoint(checkpoint: Checkpoint, key: Buffer): string {
  const body = Buffer.from(JSON.stringify([checkpoint.epoch, checkpoint.seq, checkpoint.rights])).toString(
    'base64url',
  );
  return `${body}.${mac(key, body).toString('base64url')}`;
}

/** Throws BAD_CHECKPOINT when the text was not made by `encodeCheckpoint` with this key. */
export function decodeCheckpoint(text: string, key: Buffer): Checkpoint {
  const [body, signature, ...rest] = text.split('.');
  if (body === undefined || signature === undefined || rest.length > 0)
    throw new SivisError('BAD_CHECKPOINT');
  const given = Buffer.from(signature, 'base64url');
  const expected = mac(key, body);
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new SivisError('BAD_CHECKPOINT');
  const [epoch, seq, rights] = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as [
    string,
    number,
    string,
  ];
  return { epoch, seq, rights };
}
