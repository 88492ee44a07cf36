import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { Desk } from '../store/store.ts';

/**
 * What a desk has read (decision 6): the service's epoch (it changes when a backup is restored), the position in the
 * commit order, and the version of the reader's rights. Opaque and signed for one user at one desk: nobody can make
 * one, and another desk's is none.
 */
export interface Checkpoint {
  readonly epoch: string;
  readonly seq: number;
  readonly rights: string;
}

function mac(key: Buffer | KeyObject, desk: Desk, body: string): Buffer {
  return createHmac('sha256', key).update(`checkpoint.${desk.userId}.${desk.deviceId}.${body}`).digest();
}

export function encodeCheckpoint(checkpoint: Checkpoint, desk: Desk, key: Buffer | KeyObject): string {
  const body = Buffer.from(JSON.stringify([checkpoint.epoch, checkpoint.seq, checkpoint.rights])).toString(
    'base64url',
  );
  return `${body}.${mac(key, desk, body).toString('base64url')}`;
}

/** Throws BAD_CHECKPOINT when the text was not made by `encodeCheckpoint` for this desk with this key. */
export function decodeCheckpoint(text: string, desk: Desk, key: Buffer | KeyObject): Checkpoint {
  const [body, signature, ...rest] = text.split('.');
  if (body === undefined || signature === undefined || rest.length > 0)
    throw new SivisError('BAD_CHECKPOINT');
  const given = Buffer.from(signature, 'base64url');
  const expected = mac(key, desk, body);
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new SivisError('BAD_CHECKPOINT');
  const [epoch, seq, rights] = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as [
    string,
    number,
    string,
  ];
  return { epoch, seq, rights };
}
