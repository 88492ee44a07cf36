import type { z } from 'zod';
import { newId } from '@sivis/shared/ids/ids.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { loginRequestSchema, SessionUser, Tokens } from '@sivis/shared/protocol/messages.ts';
import { toInstant, type Clock } from '@sivis/shared/time/clock.ts';
import type { AuditEvent, AuditLog, AuditWho } from '../audit/auditLog.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { DeviceRow, SessionRow, Store, UserRow, WriteTx } from '../store/store.ts';
import { requireSession, type RequestContext } from './context.ts';
import type { Keys } from './keys.ts';
import { hashPassword, passwordProblem, verifyPassword } from './passwords.ts';
import { hashSecret, newRefreshToken, signToken } from './tokens.ts';

export interface IdentityDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly keys: Keys;
  readonly audit: AuditLog;
  /** Sign-ins from one address in a minute; more than the default only where many desks stand behind one address. */
  readonly addressAttempts: number;
  /** Called after sessions, users or devices changed. */
  readonly accessChanged: () => void;
}

/** Where a request that is not signed in comes from. */
export interface Caller {
  readonly ip: string;
  readonly app: string;
}

type LoginRequest = z.infer<typeof loginRequestSchema>;

export function sessionUser(user: UserRow): SessionUser {
  return { id: user.id, user: user.user, name: user.name, role: user.role, siteIds: [...user.siteIds] };
}

function technical(action: string, result: string, more: Partial<AuditEvent> = {}): AuditEvent {
  return { action, kind: 'session', objectId: '', personIds: [], result, personal: false, ...more };
}

function whoOf(
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

/** User names are one thing whatever case they are typed in. */
const nameKey = (name: string): string => name.trim().toLowerCase();

async function tokensFor(
  deps: IdentityDeps,
  user: UserRow,
  session: SessionRow,
  refreshToken: string,
  from: { readonly epoch: string; readonly deviceName: string },
): Promise<Tokens> {
  const nowMs = deps.clock.now();
  const access = await signToken(
    deps.keys.token,
    'access',
    { userId: user.id, sessionId: session.id, deviceId: session.deviceId },
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
 * Counts the attempt first and judges then, so that attempts side by side cannot slip under the limit. Returns for how
 * many seconds nothing will be let through, 0 for an attempt that may be made.
 */
async function throttle(deps: IdentityDeps, account: string, address: string): Promise<number> {
  const nowMs = deps.clock.now();
  return deps.store.write(async (tx) => {
    const failures = await tx.attemptsSince(account, nowMs - SERVICE_LIMITS.accountWindowMs);
    const attempts = await tx.attemptsSince(address, nowMs - SERVICE_LIMITS.addressWindowMs);
    if (attempts >= deps.addressAttempts) return Math.ceil(SERVICE_LIMITS.addressWindowMs / 1000);
    await tx.addAttempt(address, nowMs);
    if (failures >= SERVICE_LIMITS.accountFailures) return ACCOUNT_WAIT;
    await tx.addAttempt(account, nowMs);
    return 0;
  });
}

const ACCOUNT_WAIT = Math.ceil(SERVICE_LIMITS.accountWindowMs / 1000);

async function seenDevice(
  tx: WriteTx,
  request: LoginRequest['device'],
  user: UserRow,
  caller: Caller,
  at: string,
): Promise<DeviceRow> {
  const known = await tx.device(request.id);
  const device: DeviceRow = {
    id: request.id,
    name: known?.name ?? freeName(request.name, await tx.devices()),
    createdAt: known?.createdAt ?? at,
    lastSeenAt: at,
    lastUserId: user.id,
    appVersion: caller.app,
    revoked: known?.revoked ?? false,
  };
  if (!device.revoked) await tx.putDevice(device);
  return device;
}

/** The name, or the same with the next free number: in the log desks are told apart by their names. */
function freeName(wanted: string, devices: readonly DeviceRow[]): string {
  const taken = new Set(devices.map((device) => device.name));
  if (!taken.has(wanted)) return wanted;
  const stem = wanted.replace(/\s*\d+$/, '');
  let number = 2;
  while (taken.has(`${stem} ${number}`)) number += 1;
  return `${stem} ${number}`;
}

/**
 * Signs in with a password and registers the device at its first sign-in. Throws WRONG_CREDENTIALS (also for an
 * unknown or disabled user: the answer does not tell), TOO_MANY_REQUESTS, FORBIDDEN for a revoked device. Every
 * outcome is in the audit log.
 */
export async function signIn(deps: IdentityDeps, request: LoginRequest, caller: Caller): Promise<Tokens> {
  const name = nameKey(request.user);
  const account = `account:${hashSecret(name)}`;
  const user = await deps.store.read((tx) => tx.userByName(name));
  const who = whoOf(deps, user, request.device.id, '', caller);
  const refuse = async (result: string): Promise<void> => {
    await deps.audit.auditRead(deps.store, who, technical('signInFailed', result));
  };
  const retryAfter = await throttle(deps, account, `address:${caller.ip}`);
  if (retryAfter > 0) {
    await refuse('throttled');
    throw new SivisError('TOO_MANY_REQUESTS', { retryAfter });
  }
  const right = await verifyPassword(request.password, user?.passwordHash);
  if (user === undefined || !right || user.disabled) {
    await refuse(user === undefined ? 'unknown-user' : !right ? 'wrong-password' : 'disabled');
    throw new SivisError('WRONG_CREDENTIALS');
  }
  const refreshToken = newRefreshToken();
  const signed = await deps.store.write(async (tx) => {
    const nowMs = deps.clock.now();
    const at = toInstant(nowMs);
    // The password took a while: who was disabled meanwhile is not let in.
    const current = await tx.user(user.id);
    if (current === undefined || current.disabled || current.passwordHash !== user.passwordHash)
      return undefined;
    const isNew = (await tx.device(request.device.id)) === undefined;
    const device = await seenDevice(tx, request.device, current, caller, at);
    if (device.revoked) {
      await deps.audit.recordAudit(tx, who, technical('signInFailed', 'device-revoked'));
      return null;
    }
    const session: SessionRow = {
      id: newId(),
      userId: current.id,
      deviceId: device.id,
      refreshHash: hashSecret(refreshToken),
      previousHash: null,
      rotatedAt: toInstant(deps.clock.now()),
      createdAt: at,
      expiresAt: toInstant(nowMs + SERVICE_LIMITS.sessionMs),
      revokedAt: null,
    };
    await tx.putSession(session);
    await tx.putUser({ ...current, lastSignInAt: at });
    await tx.clearAttempts(account);
    const author = { ...who, sessionId: session.id };
    if (isNew)
      await deps.audit.recordAudit(
        tx,
        author,
        technical('deviceAdded', 'ok', { kind: 'device', objectId: device.id }),
      );
    await deps.audit.recordAudit(tx, author, technical('signIn', 'ok', { objectId: session.id }));
    const from = { epoch: (await tx.meta('epoch')) ?? '', deviceName: device.name };
    return { session, user: current, from };
  });
  if (signed === null) throw new SivisError('FORBIDDEN', { reason: 'device-revoked' });
  if (signed === undefined) throw new SivisError('WRONG_CREDENTIALS');
  return tokensFor(deps, signed.user, signed.session, refreshToken, signed.from);
}

/**
 * Changes a refresh token for a new pair. A token that was changed before is a stolen or a doubled one: the session
 * ends. Throws UNAUTHENTICATED.
 */
export async function refresh(deps: IdentityDeps, token: string, caller: Caller): Promise<Tokens> {
  const hash = hashSecret(token);
  const next = newRefreshToken();
  const result = await deps.store.write(async (tx) => {
    const nowMs = deps.clock.now();
    const session = await tx.sessionByRefresh(hash);
    if (session === undefined) return undefined;
    const user = await tx.user(session.userId);
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
        { sessionId: session.id, userId: session.userId, deviceId: session.deviceId },
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
  return tokensFor(deps, result.user, result.session, next, result.from);
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
