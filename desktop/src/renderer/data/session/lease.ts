import { sessionUserSchema, type Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { z } from 'zod';
import { DESK_LIMITS } from '../limits.ts';

/** What is kept sealed of a session: who it is, until when the desk opens without the service, the way back to it. */
export const leaseSchema = z.strictObject({
  user: sessionUserSchema,
  refreshToken: z.string().nullable(),
  offlineUntil: z.string(),
  /** The latest time that the service told, and the offset of the desk's clock then. */
  serverTime: z.string(),
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
    offlineUntil: tokens.offlineUntil,
    serverTime: tokens.serverTime,
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

/** The lease with the present time written into it, unless a later one stands there. */
export function leaseSeen(lease: Lease, ownNow: number): Lease {
  return { ...lease, seenMs: Math.max(lease.seenMs ?? 0, ownNow + lease.offsetMs) };
}

/** The lease of a session that the service has ended: only the service opens this desk again for its user. */
export function leaseEnded(lease: Lease): Lease {
  return { ...lease, refreshToken: null, offlineUntil: new Date(0).toISOString() };
}

/**
 * Whether the desk may be opened without the service (decision 17; security.md 5.5). A clock that stands before the
 * last time that the service told, or before the last that the desk itself has seen, was set back: the lease cannot be trusted then.
 * @param ownNow the desk's own clock, ms
 * @param mostMs what the machine's policy allows since the service was last heard; the lower of the two holds
 */
export function leaseAllows(
  lease: Lease,
  ownNow: number,
  mostMs = Infinity,
): 'open' | 'leaseExpired' | 'clockSkew' {
  const now = ownNow + lease.offsetMs;
  const latest = Math.max(Date.parse(lease.serverTime), lease.seenMs ?? 0);
  if (now < latest - DESK_LIMITS.clockSkewMs) return 'clockSkew';
  const until = Math.min(Date.parse(lease.offlineUntil), Date.parse(lease.serverTime) + mostMs);
  return now > until ? 'leaseExpired' : 'open';
}
