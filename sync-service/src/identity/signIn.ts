import type { z } from 'zod';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { loginRequestSchema, Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { AuditWho } from '../audit/auditLog.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { UserRow, WriteTx } from '../store/store.ts';
import type { RequestContext } from './context.ts';
import { deskState } from './enrolment.ts';
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
import { beginSession, tokensFor } from './session.ts';
import { hashSecret } from './tokens.ts';
import { checkTotp, confirmTotp, readTotp, totpRequired } from './totp.ts';

type LoginRequest = z.infer<typeof loginRequestSchema>;

/** User names are one thing whatever case they are typed in. */
const nameKey = (name: string): string => name.trim().toLowerCase();

/** Who gave the right password at a desk that may sign people in. */
export interface Known {
  readonly user: UserRow;
  readonly who: AuditWho;
  /** Key of the account's failed attempts. */
  readonly account: string;
}

/**
 * The user of a name and password at an enrolled desk, which proved its key. Throws DEVICE_UNKNOWN, WRONG_CREDENTIALS
 * (also for an unknown user: the answer does not tell), TOO_MANY_REQUESTS, FORBIDDEN for a revoked desk and, after the
 * right password, for a disabled user. Every refusal is in the audit log.
 */
export async function authenticate(
  deps: IdentityDeps,
  request: LoginRequest,
  thumbprint: string,
  caller: Caller,
): Promise<Known> {
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
  return { user, who, account };
}

type SecondFactor = 'ok' | 'TOTP_REQUIRED' | 'TOTP_WRONG' | 'TOTP_SETUP';

/** Judges the second factor, and uses its code up. A first code puts a factor into use that was begun before. */
async function secondFactor(
  deps: IdentityDeps,
  tx: WriteTx,
  who: AuditWho,
  user: UserRow,
  code: string | undefined,
): Promise<SecondFactor> {
  const state = readTotp(await tx.totp(user.id));
  const key = deps.keys.secrets;
  if (state.active === null) {
    if (!totpRequired(deps.totpPolicy ?? 'off', user.role)) return 'ok';
    if (code === undefined || state.pending === null) return 'TOTP_SETUP';
    const confirmed = confirmTotp(key, user.id, state, code, who.nowMs);
    if (confirmed === undefined) return 'TOTP_WRONG';
    await tx.putTotp(user.id, JSON.stringify(confirmed));
    await deps.audit.recordAudit(tx, who, technical('totpOn', 'ok', { kind: 'user', objectId: user.id }));
    return 'ok';
  }
  if (code === undefined) return 'TOTP_REQUIRED';
  const used = checkTotp(key, user.id, state, code, who.nowMs);
  if (used === undefined) return 'TOTP_WRONG';
  await tx.putTotp(user.id, JSON.stringify(used.state));
  if (used.by === 'recovery') {
    const detail = { left: used.left };
    await deps.audit.recordAudit(
      tx,
      who,
      technical('totpRecovery', 'ok', { kind: 'user', objectId: user.id, detail }),
    );
  }
  return 'ok';
}

/**
 * Signs in with a password and, where the user has or must have one, a second factor. Throws like `authenticate`, and
 * TOTP_REQUIRED, TOTP_WRONG, TOTP_SETUP (the role needs a second factor that the user has not set up yet).
 */
export async function signIn(
  deps: IdentityDeps,
  request: LoginRequest,
  thumbprint: string,
  caller: Caller,
): Promise<Tokens> {
  const { user, who: asked, account } = await authenticate(deps, request, thumbprint, caller);
  const who = { ...asked, nowMs: deps.clock.now() };
  const signed = await deps.store.write(async (tx) => {
    // The password took a while: who was disabled or revoked meanwhile is not let in.
    const current = await tx.user(user.id);
    if (current === undefined || current.disabled || current.passwordHash !== user.passwordHash)
      return 'WRONG_CREDENTIALS';
    const now = await deskState(tx, deps, request.device.id, thumbprint);
    if (now !== 'known' && now !== 'open') return 'WRONG_CREDENTIALS';
    const factor = await secondFactor(deps, tx, who, current, request.totp);
    if (factor !== 'ok') {
      // The attempt stays counted: who has the password must not be able to guess codes without end.
      if (factor === 'TOTP_WRONG')
        await deps.audit.recordAudit(tx, who, technical('signInFailed', 'wrong-code'));
      return factor;
    }
    await tx.clearAttempts(account);
    return beginSession(deps, tx, who, current, request.device, thumbprint, 'password');
  });
  if (typeof signed === 'string') throw new SivisError(signed);
  return tokensFor(deps, signed.user, signed.session, signed.refreshToken, thumbprint, signed.from);
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
