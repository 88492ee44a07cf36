import { createPrivateKey, createPublicKey, hkdfSync, sign, type KeyObject } from 'node:crypto';
import { rawPublicKey } from '../audit/nodeCrypto.ts';
import type { Keys } from './keys.ts';

/** What stands before the 32 bytes of an Ed25519 private key in its DER form (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The key that signs what desks obey: orders and leases. It follows from the key of the tokens, and ends with it. */
function orderKey(keys: Keys): KeyObject {
  const seed = Buffer.from(hkdfSync('sha256', keys.token, '', 'sivis/orders/1', 32));
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}

/** The public half, 32 bytes, base64: what a desk keeps from its enrolment on. */
export function orderPublicKey(keys: Keys): string {
  return Buffer.from(rawPublicKey(createPublicKey(orderKey(keys)))).toString('base64');
}

/** Signs for desks (Ed25519, base64). The first line of what is signed says what it is. */
export function signForDesks(keys: Keys, bytes: Uint8Array): string {
  return sign(null, bytes, orderKey(keys)).toString('base64');
}
