import type { z } from 'zod';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import type { totpBeginSchema, TotpBegun, TotpStateView } from '@sivis/shared/protocol/messages/signIn.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { WriteTx } from '../store/store.ts';
import type { RequestContext } from './context.ts';
import { ACCOUNT_WAIT, technical, type Caller, type IdentityDeps } from './parts.ts';
import { authenticate } from './signIn.ts';
import { hashSecret } from './tokens.ts';
import { beginTotp, checkTotp, confirmTotp, readTotp, totpRequired } from './totp.ts';

/**
 * Begins a second factor with the password, before sign-in or in a session; it is in use after its first code. One that
 * is in use is replaced only with a code of it. Throws like a sign-in, TOTP_REQUIRED, TOTP_WRONG.
 */
export async function beginSecondFactor(
  deps: IdentityDeps,
  request: z.infer<typeof totpBeginSchema>,
  thumbprint: string,
  caller: Caller,
): Promise<TotpBegun> {
  const { user, who, account } = await authenticate(deps, request, thumbprint, caller);
  const begun = await deps.store.write(async (tx) => {
    let state = readTotp(await tx.totp(user.id));
    if (state.active !== null) {
      if (request.totp === undefined) return 'TOTP_REQUIRED';
      const used = checkTotp(deps.keys.secrets, user.id, state, request.totp, who.nowMs);
      if (used === undefined) return 'TOTP_WRONG';
      state = used.state;
    }
    const next = beginTotp(deps.keys.secrets, user, state);
    await tx.putTotp(user.id, JSON.stringify(next.state));
    await tx.clearAttempts(account);
    await deps.audit.recordAudit(tx, who, technical('totpBegin', 'ok', { kind: 'user', objectId: user.id }));
    return next;
  });
  if (typeof begun === 'string') throw new SivisError(begun);
  const { secret, uri, recoveryCodes } = begun;
  return { secret, uri, recoveryCodes, serverTime: toInstant(deps.clock.now()) };
}

/** Changes the user's own factor by a code of it; wrong codes count like wrong passwords. */
async function byCode(
  deps: IdentityDeps,
  context: RequestContext,
  action: string,
  change: (tx: WriteTx, stored: string | undefined) => Promise<boolean>,
): Promise<void> {
  const account = `account:${hashSecret(context.user.user)}`;
  const event = { kind: 'user', objectId: context.user.id };
  const outcome = await deps.store.write(async (tx) => {
    const since = context.nowMs - SERVICE_LIMITS.accountWindowMs;
    if ((await tx.attemptsSince(account, since)) >= SERVICE_LIMITS.accountFailures)
      return 'TOO_MANY_REQUESTS';
    const done = await change(tx, await tx.totp(context.user.id));
    if (done) await tx.clearAttempts(account);
    else await tx.addAttempt(account, context.nowMs);
    await deps.audit.recordAudit(tx, context, technical(action, done ? 'ok' : 'wrong-code', event));
    return done ? 'ok' : 'TOTP_WRONG';
  });
  if (outcome === 'TOO_MANY_REQUESTS') throw new SivisError(outcome, { retryAfter: ACCOUNT_WAIT });
  if (outcome !== 'ok') throw new SivisError(outcome);
}

/** Puts the factor that was begun into use. Throws TOTP_WRONG, TOO_MANY_REQUESTS. */
export function confirmSecondFactor(
  deps: IdentityDeps,
  context: RequestContext,
  code: string,
): Promise<void> {
  return byCode(deps, context, 'totpOn', async (tx, stored) => {
    const next = confirmTotp(deps.keys.secrets, context.user.id, readTotp(stored), code, context.nowMs);
    if (next !== undefined) await tx.putTotp(context.user.id, JSON.stringify(next));
    return next !== undefined;
  });
}

/** Takes the factor away. Throws FORBIDDEN where the role must have one, TOTP_WRONG, TOO_MANY_REQUESTS. */
export async function removeSecondFactor(
  deps: IdentityDeps,
  context: RequestContext,
  code: string,
): Promise<void> {
  if (totpRequired(deps.totpPolicy ?? 'off', context.user.role))
    throw new SivisError('FORBIDDEN', { reason: 'totp-required' });
  await byCode(deps, context, 'totpOff', async (tx, stored) => {
    const used = checkTotp(deps.keys.secrets, context.user.id, readTotp(stored), code, context.nowMs);
    if (used !== undefined) await tx.putTotp(context.user.id, null);
    return used !== undefined;
  });
}

export async function secondFactorState(deps: IdentityDeps, context: RequestContext): Promise<TotpStateView> {
  const { active } = readTotp(await deps.store.read((tx) => tx.totp(context.user.id)));
  return {
    on: active !== null,
    required: totpRequired(deps.totpPolicy ?? 'off', context.user.role),
    recoveryLeft: active?.recovery.length ?? 0,
  };
}
