import { hkdfSync } from 'node:crypto';
import { offlineLeaseBytes, type OfflineLease } from '@sivis/shared/fleet/offlineLease.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { SessionUser, Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { AuditWho } from '../audit/auditLog.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { SessionRow, UserRow, WriteTx } from '../store/store.ts';
import { requireSession, type RequestContext } from './context.ts';
import { signForDesks } from './deskOrders.ts';
import { addDevice, type Desk } from './enrolment.ts';
import type { Keys } from './keys.ts';
import { technical, whoOf, type Caller, type IdentityDeps } from './parts.ts';
import { recoveryPublicKey } from './recovery.ts';
import { hashSecret, newRefreshToken, signToken } from './tokens.ts';

export function sessionUser(user: UserRow): SessionUser {
  return { id: user.id, user: user.user, name: user.name, role: user.role, siteIds: [...user.siteIds] };
}

/** Follows from the service's key, so that nothing is kept: another user or another desk has another share. */
function unlockShare(keys: Keys, userId: string, deviceId: string): string {
  const share = hkdfSync('sha256', keys.secrets, '', `sivis/unlock/1/${userId}/${deviceId}`, 32);
  return Buffer.from(share).toString('base64');
}

/** Leave to work without the service, from now on (decision 17). */
function leaseFor(deps: IdentityDeps, userId: string, deviceId: string, nowMs: number): OfflineLease {
  const until = nowMs + (deps.offlineMs ?? SERVICE_LIMITS.offlineMs);
  const lease = { userId, deviceId, issuedAt: toInstant(nowMs), until: toInstant(until) };
  return { ...lease, signature: signForDesks(deps.keys, offlineLeaseBytes(lease)) };
}

export async function tokensFor(
  deps: IdentityDeps,
  user: UserRow,
  session: SessionRow,
  refreshToken: string,
  thumbprint: string,
  from: { readonly epoch: string; readonly deviceName: string },
): Promise<Tokens> {
  const nowMs = deps.clock.now();
  const access = await signToken(
    deps.keys.token,
    'access',
    { userId: user.id, sessionId: session.id, deviceId: session.deviceId, thumbprint },
    nowMs,
  );
  return {
    accessToken: access.token,
    accessExpiresAt: toInstant(access.expiresAtMs),
    refreshToken,
    user: sessionUser(user),
    recoveryKey: recoveryPublicKey(deps.keys.recovery),
    unlockShare: unlockShare(deps.keys, user.id, session.deviceId),
    ...from,
    lease: leaseFor(deps, user.id, session.deviceId, nowMs),
    serverTime: toInstant(nowMs),
  };
}

/** A session that was just begun, with what its tokens are made of. */
export interface Begun {
  readonly session: SessionRow;
  readonly user: UserRow;
  readonly refreshToken: string;
  readonly from: { readonly epoch: string; readonly deviceName: string };
}

/** Begins a session of the user at the desk, in the transaction that let him in; an open desk is enrolled by it. */
export async function beginSession(
  deps: IdentityDeps,
  tx: WriteTx,
  who: AuditWho,
  user: UserRow,
  desk: Desk,
  thumbprint: string,
  how: string,
): Promise<Begun> {
  const at = toInstant(who.nowMs);
  const refreshToken = newRefreshToken();
  const session: SessionRow = {
    id: newId(),
    userId: user.id,
    deviceId: desk.id,
    refreshHash: hashSecret(refreshToken),
    previousHash: null,
    rotatedAt: at,
    createdAt: at,
    expiresAt: toInstant(who.nowMs + SERVICE_LIMITS.sessionMs),
    revokedAt: null,
  };
  const author = { ...who, sessionId: session.id };
  const device = (await tx.device(desk.id)) ?? (await addDevice(deps, tx, author, desk, thumbprint));
  await tx.putDevice({ ...device, lastSeenAt: at, lastUserId: user.id, appVersion: who.app });
  await tx.putSession(session);
  await tx.putUser({ ...user, lastSignInAt: at });
  await deps.audit.recordAudit(
    tx,
    author,
    technical('signIn', 'ok', { objectId: session.id, detail: { how } }),
  );
  return {
    session,
    user,
    refreshToken,
    from: { epoch: (await tx.meta('epoch')) ?? '', deviceName: device.name },
  };
}

/**
 * Changes a refresh token for a new pair. A token that was changed before is a stolen or a doubled one: the session
 * ends. Only the desk of the session can use it, whose key made the proof. Throws UNAUTHENTICATED with the reason
 * `expired` (12 hours are over) or `ended` (by somebody, or for good).
 */
export async function refresh(
  deps: IdentityDeps,
  token: string,
  thumbprint: string,
  caller: Caller,
): Promise<Tokens> {
  const hash = hashSecret(token);
  const next = newRefreshToken();
  const result = await deps.store.write(async (tx) => {
    const nowMs = deps.clock.now();
    const session = await tx.sessionByRefresh(hash);
    if (session === undefined) return undefined;
    const user = await tx.user(session.userId);
    // With another key the token was stolen; whoever has it must not be able to end the session of its owner either.
    if ((await tx.device(session.deviceId))?.keyThumbprint !== thumbprint) {
      const who = whoOf(deps, user, session.deviceId, session.id, caller);
      await deps.audit.recordAudit(
        tx,
        who,
        technical('refreshRefused', 'other-key', { objectId: session.id }),
      );
      return undefined;
    }
    // A desk that was reloaded before it kept the new token asks again with the old one, at once.
    const repeated =
      session.refreshHash !== hash && nowMs - Date.parse(session.rotatedAt) <= SERVICE_LIMITS.refreshGraceMs;
    if (session.refreshHash !== hash && !repeated) {
      if (session.revokedAt === null) {
        await tx.putSession({ ...session, revokedAt: toInstant(nowMs) });
        const who = whoOf(deps, user, session.deviceId, session.id, caller);
        await deps.audit.recordAudit(
          tx,
          who,
          technical('sessionEnded', 'refresh-reused', { objectId: session.id }),
        );
      }
      return undefined;
    }
    try {
      await requireSession(
        tx,
        { sessionId: session.id, userId: session.userId, deviceId: session.deviceId, thumbprint },
        nowMs,
      );
    } catch {
      // A day that is over is no reason for a desk to close; a session that somebody ended is.
      const overdue = session.revokedAt === null && Date.parse(session.expiresAt) <= nowMs;
      const device = await tx.device(session.deviceId);
      return overdue && user?.disabled === false && device?.revoked === false ? 'expired' : undefined;
    }
    if (user === undefined) return undefined;
    const rotated: SessionRow = {
      ...session,
      refreshHash: hashSecret(next),
      previousHash: hash,
      rotatedAt: repeated ? session.rotatedAt : toInstant(nowMs),
    };
    await tx.putSession(rotated);
    const device = await tx.device(session.deviceId);
    if (device !== undefined)
      await tx.putDevice({ ...device, lastSeenAt: toInstant(nowMs), appVersion: caller.app });
    const from = { epoch: (await tx.meta('epoch')) ?? '', deviceName: device?.name ?? '' };
    return { user, session: rotated, from };
  });
  if (result === undefined || result === 'expired') {
    deps.accessChanged();
    throw new SivisError('UNAUTHENTICATED', { reason: result ?? 'ended' });
  }
  return tokensFor(deps, result.user, result.session, next, thumbprint, result.from);
}

/** Ends the session of the request, or all sessions of its user. */
export async function signOut(
  deps: IdentityDeps,
  context: RequestContext,
  everywhere: boolean,
): Promise<void> {
  await deps.store.write(async (tx) => {
    const at = toInstant(deps.clock.now());
    if (everywhere) await tx.revokeSessions(context.user.id, at);
    else {
      const session = await tx.session(context.sessionId);
      if (session !== undefined) await tx.putSession({ ...session, revokedAt: at });
    }
    await deps.audit.recordAudit(
      tx,
      context,
      technical(everywhere ? 'signOutEverywhere' : 'signOut', 'ok', { objectId: context.sessionId }),
    );
  });
  deps.accessChanged();
}
