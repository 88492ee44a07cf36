import { isLeaseOf, offlineLeaseSchema } from '@sivis/shared/fleet/offlineLease.ts';
import { sessionUserSchema, type Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { z } from 'zod';
import { ed25519Verify } from '../audit/logCrypto.ts';
import { DESK_LIMITS } from '../limits.ts';

/** What is kept sealed of a session: who it is, until when the desk opens without the service, the way back to it. */
export const leaseSchema = z.strictObject({
  user: sessionUserSchema,
  refreshToken: z.string().nullable(),
  /** The service's signed leave to work without it; `null` when it has ended the session. */
  offline: offlineLeaseSchema.nullable(),
  /** The offset of the desk's clock when this was written. */
  offsetMs: z.number(),
  epoch: z.string(),
  /** The key to which this desk encrypts what it could not send (decision 18). */
  recoveryKey: z.string().optional(),
  /** Signs in at the identity provider: the password opens this desk only. */
  oidc: z.boolean().optional(),
  /** The latest time that this desk has seen itself, by its corrected clock, ms: time does not run back. */
  seenMs: z.number().optional(),
});
export type Lease = z.infer<typeof leaseSchema>;

/** The lease that comes with tokens. */
export function leaseOf(tokens: Tokens, offsetMs: number): Lease {
  return {
    user: tokens.user,
    refreshToken: tokens.refreshToken,
    offline: tokens.lease,
    offsetMs,
    epoch: tokens.epoch,
    recoveryKey: tokens.recoveryKey,
  };
}

export function readLease(text: string | null): Lease | null {
  if (text === null) return null;
  try {
    const parsed = leaseSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The lease with the present time of the corrected clock written into it, unless a later one stands there. */
export function leaseSeen(lease: Lease, clock: { now(): number; readonly offsetMs: number }): Lease {
  return { ...lease, offsetMs: clock.offsetMs, seenMs: Math.max(lease.seenMs ?? 0, clock.now()) };
}

/** The lease of a session that the service has ended: only the service opens this desk again for its user. */
export function leaseEnded(lease: Lease): Lease {
  return { ...lease, refreshToken: null, offline: null };
}

/** Whether the service of this desk's enrolment has given the lease, to this user at this desk. */
export async function isLeaseHere(
  { user, offline }: Lease,
  deviceId: string,
  serviceKey: string | null,
): Promise<boolean> {
  if (offline === null || serviceKey === null) return false;
  return isLeaseOf(offline, { userId: user.id, deviceId }, serviceKey, ed25519Verify);
}

/** What a lease allows. Before its end the desk only shows; `untilMs` is the end by the service's time. */
export type LeaseAnswer =
  | { readonly state: 'open'; readonly untilMs: number; readonly ending: boolean }
  | { readonly state: 'leaseExpired' | 'clockSkew' };

/**
 * Whether the desk may be open without the service (decision 17; security.md 5.5). A clock that stands before the last
 * time that the service signed, or before the last that the desk itself has seen, was set back: the lease cannot be
 * trusted then.
 * @param now by the corrected clock, ms
 * @param mostMs what the machine's policy allows since the service was last heard; the lower of the two holds
 */
export function leaseAllows(lease: Lease, now: number, mostMs = Infinity): LeaseAnswer {
  if (lease.offline === null) return { state: 'leaseExpired' };
  const issuedMs = Date.parse(lease.offline.issuedAt);
  const latest = Math.max(issuedMs, lease.seenMs ?? 0);
  if (now < latest - DESK_LIMITS.clockSkewMs) return { state: 'clockSkew' };
  const untilMs = Math.min(Date.parse(lease.offline.until), issuedMs + mostMs);
  if (now > untilMs) return { state: 'leaseExpired' };
  return { state: 'open', untilMs, ending: now > untilMs - DESK_LIMITS.leaseEndingMs };
}
