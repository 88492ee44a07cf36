import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import canonicalize from 'canonicalize';
import type { DeskEvent } from '@sivis/shared/protocol/messages/deskEvents.ts';
import { toHex, utf8 } from '@sivis/shared/tlog/bytes.ts';
import type { Sha256 } from '@sivis/shared/tlog/merkle.ts';
import type { Ed25519Verify } from '@sivis/shared/tlog/note.ts';

/** The hash of the audit log on the desk: at once, where WebCrypto would answer each of a million later. */
export const sha256: Sha256 = nobleSha256;

/** SHA-256 of the event's canonical JSON (RFC 8785), hex: what the event after it names. */
export function deskEventHash(event: DeskEvent): string {
  const text = canonicalize(event);
  if (text === undefined) throw new TypeError('not a JSON value');
  return toHex(sha256(utf8(text)));
}

/** Checks the signature of a checkpoint by WebCrypto. */
export const ed25519Verify: Ed25519Verify = async (publicKey, message, signature) => {
  try {
    const key = await crypto.subtle.importKey('raw', Uint8Array.from(publicKey), 'Ed25519', false, [
      'verify',
    ]);
    return await crypto.subtle.verify('Ed25519', key, Uint8Array.from(signature), Uint8Array.from(message));
  } catch {
    return false;
  }
};
