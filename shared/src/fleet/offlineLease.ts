import { z } from 'zod';
import { idField, instantField } from '../docs/fieldTypes.ts';
import { fromBase64, utf8 } from '../tlog/bytes.ts';
import type { Ed25519Verify } from '../tlog/note.ts';

/** The service's leave for one user to work at one desk without it, signed: nobody at the desk can lengthen or copy it. */
export const offlineLeaseSchema = z.strictObject({
  userId: idField,
  deviceId: idField,
  /** When the service gave it: the last time that it vouches for. */
  issuedAt: instantField,
  until: instantField,
  /** Ed25519 over {@link offlineLeaseBytes}, base64. */
  signature: z.base64(),
});
export type OfflineLease = z.infer<typeof offlineLeaseSchema>;

/** What is signed of a lease. */
export function offlineLeaseBytes(lease: Omit<OfflineLease, 'signature'>): Uint8Array {
  const { userId, deviceId, issuedAt, until } = lease;
  return utf8(['sivis offline lease 1', deviceId, userId, issuedAt, until, ''].join('\n'));
}

/**
 * Whether a lease is this user's at this desk and from its service.
 * @param publicKey of the service, 32 bytes, base64, as this desk learnt it when it was enrolled
 */
export async function isLeaseOf(
  lease: OfflineLease,
  holder: { readonly userId: string; readonly deviceId: string },
  publicKey: string,
  verify: Ed25519Verify,
): Promise<boolean> {
  const key = fromBase64(publicKey);
  const signature = fromBase64(lease.signature);
  if (lease.userId !== holder.userId || lease.deviceId !== holder.deviceId) return false;
  if (key === undefined || signature === undefined) return false;
  return verify(key, offlineLeaseBytes(lease), signature);
}
