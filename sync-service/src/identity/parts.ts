import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { Clock } from '@sivis/shared/time/clock.ts';
import type { AuditEvent, AuditLog, AuditWho } from '../audit/auditLog.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { Store, UserRow } from '../store/store.ts';
import type { Keys } from './keys.ts';
import type { Oidc } from './oidc.ts';
import type { TotpPolicy } from './totp.ts';

/** What users, desks and sessions stand on. */
export interface IdentityDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly keys: Keys;
  readonly audit: AuditLog;
  /** Sign-ins from one address in a minute; more than the default only where many desks stand behind one address. */
  readonly addressAttempts: number;
  /** An unknown desk is enrolled by the first sign-in at it: for demonstrations on this computer only. */
  readonly openEnrolment: boolean;
  /** Who must have a second factor; nobody unless given. */
  readonly totpPolicy?: TotpPolicy;
  /** How long desks work without the service, ms; `SERVICE_LIMITS.offlineMs` unless given. */
  readonly offlineMs?: number;
  /** Sign-in with accounts of the organisation; none unless given. */
  readonly oidc?: Oidc | null;
  /** Called after sessions, users or devices changed. */
  readonly accessChanged: () => void;
}

/** Where a request that is not signed in comes from. */
export interface Caller {
  readonly ip: string;
  readonly app: string;
}

/** An entry about sign-in and devices; it touches no client. */
export function technical(action: string, result: string, more: Partial<AuditEvent> = {}): AuditEvent {
  return { action, kind: 'session', objectId: '', personIds: [], result, personal: false, ...more };
}

export function whoOf(
  deps: IdentityDeps,
  user: UserRow | undefined,
  deviceId: string,
  sessionId: string,
  caller: Caller,
): AuditWho {
  return {
    subject: { userId: user?.id ?? '', role: user?.role ?? '', siteIds: user?.siteIds ?? [] },
    deviceId,
    sessionId,
    ip: caller.ip,
    app: caller.app,
    nowMs: deps.clock.now(),
  };
}

/** Seconds until a locked account is let in again. */
export const ACCOUNT_WAIT = Math.ceil(SERVICE_LIMITS.accountWindowMs / 1000);

/**
 * Counts the attempt first and judges then, so that attempts side by side cannot slip under the limit. Returns for how
 * many seconds nothing will be let through, 0 for an attempt that may be made.
 */
export async function throttle(deps: IdentityDeps, caller: Caller, account?: string): Promise<number> {
  const nowMs = deps.clock.now();
  const address = `address:${caller.ip}`;
  return deps.store.write(async (tx) => {
    const attempts = await tx.attemptsSince(address, nowMs - SERVICE_LIMITS.addressWindowMs);
    if (attempts >= deps.addressAttempts) return Math.ceil(SERVICE_LIMITS.addressWindowMs / 1000);
    await tx.addAttempt(address, nowMs);
    if (account === undefined) return 0;
    const failures = await tx.attemptsSince(account, nowMs - SERVICE_LIMITS.accountWindowMs);
    if (failures >= SERVICE_LIMITS.accountFailures) return ACCOUNT_WAIT;
    await tx.addAttempt(account, nowMs);
    return 0;
  });
}

/** Throws TOO_MANY_REQUESTS when too much came from the address lately. */
export async function throttleAddress(deps: IdentityDeps, caller: Caller): Promise<void> {
  const retryAfter = await throttle(deps, caller);
  if (retryAfter > 0) throw new SivisError('TOO_MANY_REQUESTS', { retryAfter });
}
