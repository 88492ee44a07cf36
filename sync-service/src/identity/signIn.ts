import type { z } from 'zod';
import { newId } from '@sivis/shared/ids/ids.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { loginRequestSchema, SessionUser, Tokens } from '@sivis/shared/protocol/messages.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { SessionRow, UserRow } from '../store/store.ts';
import { requireSession, type RequestContext } from './context.ts';
import { addDevice, deskState } from './enrolment.ts';
import {
  ACCOUNT_WAIT,
  technical,
  throttle,
  throttleAddress,
  whoOf,
  type Caller,
  type IdentityDeps,
} from './parts.ts';
import { hashPassword, passwordProblem, verifyPassword } from './passwords.ts';
import { hashSecret, newRefreshToken, signToken } from './tokens.ts';

type LoginRequest = z.infer<typeof loginRequestSchema>;

export function sessionUser(user: UserRow): SessionUser {
  return { id: user.id, user: user.user, name: user.name, role: user.role, siteIds: [...user.siteIds] };
}

/** User names are one thing whatever case they are typed in. */
const nameKey = (name: string): string => name.trim().toLowerCase();

async function tokensFor(
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
    ...from,
    offlineUntil: toInstant(nowMs + SERVICE_LIMITS.offlineMs),
    serverTime: toInstant(nowMs),
  };
}

/**
 * Signs in with a password at an enrolled desk, which proved its key. Throws DEVICE_UNKNOWN, WRONG_CREDENTIALS (also for
 * an unknown user: the answer does not tell), TOO_MANY_REQUESTS, FORBIDDEN for a revoked desk and, after the right
 * password, for a disabled user. Every outcome is in the audit log.
 */
export async function signIn(
  deps: IdentityDeps,
  request: LoginRequest,
  thumbprint: string,
  caller: Caller,
): Promise<Tokens> {
  const name = nameKey(request.user);
  const account = `account:${hashSecret(name)}`;
  const { user, desk } = await deps.store.read(async (tx) => ({
    user: await tx.userByName(name),
    desk: await deskState(tx, deps, request.device.id, thumbprint),
  }));
  const who = whoOf(deps, user, request.device.id, '', caller);
  const refuse = async (result: string): Promise<void> => {
    await deps.audit.auditRead(deps.store, who, technical('signInFailed', result));
  };
  if (desk === 'unknown') {
    // Before the password is looked at: who stands outside can neither guess one nor lock an account.
    await throttleAddress(deps, caller);
    await refuse('device-unknown');
    throw new SivisError('DEVICE_UNKNOWN');
  }
  const retryAfter = await throttle(deps, caller, account);
  if (retryAfter > 0) {
    await refuse('throttled');
    throw new SivisError('TOO_MANY_REQUESTS', { retryAfter });
  }
  const right = await verifyPassword(request.password, user?.passwordHash);
  if (user === undefined || !right) {
    await refuse(user === undefined ? 'unknown-user' : 'wrong-password');
    throw new SivisError('WRONG_CREDENTIALS');
  }
  if (user.disabled || desk === 'revoked') {
    await refuse(user.disabled ? 'disabled' : 'device-revoked');
    throw new SivisError('FORBIDDEN', { reason: user.disabled ? 'user-disabled' : 'device-revoked' });
  }
  const refreshToken = newRefreshToken();
  const signed = await deps.store.write(async (tx) => {
    const nowMs = deps.clock.now();
    const at = toInstant(nowMs);
    // The password took a while: who was disabled or revoked meanwhile is not let in.
    const current = await tx.user(user.id);
    if (current === undefined || current.disabled || current.passwordHash !== user.passwordHash)
      return undefined;
    const now = await deskState(tx, deps, request.device.id, thumbprint);
    if (now !== 'known' && now !== 'open') return undefined;
    const session: SessionRow = {
      id: newId(),
      userId: current.id,
      deviceId: request.device.id,
      refreshHash: hashSecret(refreshToken),
      previousHash: null,
      rotatedAt: at,
      createdAt: at,
      expiresAt: toInstant(nowMs + SERVICE_LIMITS.sessionMs),
      revokedAt: null,
    };
    const author = { ...who, sessionId: session.id };
    const known = await tx.device(request.device.id);
    const device = known ?? (await addDevice(deps, tx, author, request.device, thumbprint));
    await tx.putDevice({ ...device, lastSeenAt: at, lastUserId: current.id, appVersion: caller.app });
    await tx.putSession(session);
    await tx.putUser({ ...current, lastSignInAt: at });
    await tx.clearAttempts(account);
    await deps.audit.recordAudit(tx, author, technical('signIn', 'ok', { objectId: session.id }));
    const from = { epoch: (await tx.meta('epoch')) ?? '', deviceName: device.name };
    return { session, user: current, from };
  });
  if (signed === undefined) throw new SivisError('WRONG_CREDENTIALS');
  return tokensFor(deps, signed.user, signed.session, refreshToken, thumbprint, signed.from);
}

/**
 * Changes a refresh token for a new pair. A token that was changed before is a stolen or a doubled one: the session
 * ends. Only the desk of the session can use it, whose key made the proof. Throws UNAUTHENTICATED.
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
      return undefined;
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
  if (result === undefined) {
    deps.accessChanged();
    throw new SivisError('UNAUTHENTICATED');
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

/** The code of a refused password as the detail of MALFORMED; the words are the desk's. */
export function assertPassword(password: string, userName: string): void {
  const problem = passwordProblem(password, userName);
  if (problem !== undefined) throw new SivisError('MALFORMED', { field: 'password', problem });
}

/**
 * Changes the user's own password and ends his other sessions. Throws WRONG_CREDENTIALS, MALFORMED (with the problem),
 * TOO_MANY_REQUESTS after too many wrong old passwords.
 */
export async function changePassword(
  deps: IdentityDeps,
  context: RequestContext,
  oldPassword: string,
  newPassword: string,
): Promise<void> {
  const account = `account:${hashSecret(context.user.user)}`;
  const failures = await deps.store.read((tx) =>
    tx.attemptsSince(account, deps.clock.now() - SERVICE_LIMITS.accountWindowMs),
  );
  if (failures >= SERVICE_LIMITS.accountFailures)
    throw new SivisError('TOO_MANY_REQUESTS', { retryAfter: ACCOUNT_WAIT });
  if (!(await verifyPassword(oldPassword, context.user.passwordHash))) {
    await deps.store.write(async (tx) => {
      await tx.addAttempt(account, deps.clock.now());
      await deps.audit.recordAudit(tx, context, technical('passwordChange', 'wrong-password'));
    });
    throw new SivisError('WRONG_CREDENTIALS');
  }
  assertPassword(newPassword, context.user.user);
  const passwordHash = await hashPassword(newPassword);
  await deps.store.write(async (tx) => {
    const user = await tx.user(context.user.id);
    if (user === undefined) throw new SivisError('UNAUTHENTICATED');
    await tx.putUser({ ...user, passwordHash });
    await tx.revokeSessions(user.id, toInstant(deps.clock.now()), context.sessionId);
    await tx.clearAttempts(account);
    await deps.audit.recordAudit(tx, context, technical('passwordChange', 'ok'));
  });
  deps.accessChanged();
}
