import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { z } from 'zod';
import type { Role } from '@sivis/shared/access/roles.ts';
import { newCode, plainCode } from './oneTimeCode.ts';
import { openSecret, sealSecret } from './sealing.ts';
import { hashSecret } from './tokens.ts';

/** Who must have a second factor: nobody, those who see or rule much (IT, duty manager, auditor), or everybody. */
export const TOTP_POLICIES = ['off', 'privileged', 'all'] as const;
export type TotpPolicy = (typeof TOTP_POLICIES)[number];

const PRIVILEGED: readonly Role[] = ['it', 'dutyManager', 'auditor'];

export const totpRequired = (policy: TotpPolicy, role: Role): boolean =>
  policy === 'all' || (policy === 'privileged' && PRIVILEGED.includes(role));

const factorSchema = z.strictObject({
  /** The secret, sealed for its user. */
  secret: z.string(),
  /** The last step (30 s) whose code was used; no code works twice (RFC 6238 §5.2). */
  lastStep: z.int(),
  /** Hashes of the recovery codes that are left. */
  recovery: z.array(z.string()),
});
const stateSchema = z.strictObject({ active: factorSchema.nullable(), pending: factorSchema.nullable() });
/** What is kept of a user's second factor: the one in use, and one that was begun and not confirmed yet. */
export type TotpState = z.infer<typeof stateSchema>;
type Factor = z.infer<typeof factorSchema>;

const NONE: TotpState = { active: null, pending: null };
const SECRET_BYTES = 20;
const PERIOD_S = 30;
/** Steps before and after the present one whose codes are taken: a phone's clock may be off by half a minute. */
const WINDOW = 1;
/** Anything else is no code; the library compares its bytes with the right ones and fails on another number of them. */
const CODE = /^\d{6}$/;
const RECOVERY_CODES = 10;
const RECOVERY_LENGTH = 24;

export function readTotp(text: string | undefined): TotpState {
  return text === undefined ? NONE : stateSchema.parse(JSON.parse(text));
}

function totpOf(secret: Secret, user: string): TOTP {
  return new TOTP({ issuer: 'SIVIS', label: user, algorithm: 'SHA1', digits: 6, period: PERIOD_S, secret });
}

/** A new second factor: the state with it pending, and what its user must keep; neither can be shown again. */
export function beginTotp(
  key: Buffer,
  user: { readonly id: string; readonly user: string },
  state: TotpState,
): { state: TotpState; secret: string; uri: string; recoveryCodes: string[] } {
  const bytes = randomBytes(SECRET_BYTES);
  const secret = new Secret({
    buffer: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + SECRET_BYTES),
  });
  const recoveryCodes = Array.from({ length: RECOVERY_CODES }, newCode);
  const pending: Factor = {
    secret: sealSecret(key, 'totp', user.id, bytes),
    lastStep: 0,
    recovery: recoveryCodes.map((code) => hashSecret(plainCode(code))),
  };
  return {
    state: { ...state, pending },
    secret: secret.base32,
    uri: totpOf(secret, user.user).toString(),
    recoveryCodes,
  };
}

function useCode(
  key: Buffer,
  userId: string,
  factor: Factor,
  code: string,
  nowMs: number,
): Factor | undefined {
  if (!CODE.test(code)) return undefined;
  const bytes = openSecret(key, 'totp', userId, factor.secret);
  const secret = new Secret({ buffer: new Uint8Array(bytes).buffer });
  const delta = totpOf(secret, userId).validate({ token: code, timestamp: nowMs, window: WINDOW });
  if (delta === null) return undefined;
  const step = Math.floor(nowMs / 1000 / PERIOD_S) + delta;
  return step > factor.lastStep ? { ...factor, lastStep: step } : undefined;
}

function useRecovery(factor: Factor, typed: string): Factor | undefined {
  const hash = hashSecret(plainCode(typed));
  return factor.recovery.includes(hash)
    ? { ...factor, recovery: factor.recovery.filter((one) => one !== hash) }
    : undefined;
}

/**
 * Takes a code of the factor in use, or a recovery code, each of which works once. Returns what to keep and which it was;
 * `undefined` for a wrong or used one.
 */
export function checkTotp(
  key: Buffer,
  userId: string,
  state: TotpState,
  typed: string,
  nowMs: number,
): { state: TotpState; by: 'code' | 'recovery'; left: number } | undefined {
  if (state.active === null) return undefined;
  const digits = typed.replaceAll(/\s/g, '');
  const recovers = plainCode(typed).length === RECOVERY_LENGTH;
  const used = recovers
    ? useRecovery(state.active, typed)
    : useCode(key, userId, state.active, digits, nowMs);
  if (used === undefined) return undefined;
  return {
    state: { ...state, active: used },
    by: recovers ? 'recovery' : 'code',
    left: used.recovery.length,
  };
}

/** Puts the pending factor into use by its first code; `undefined` when there is none or the code is wrong. */
export function confirmTotp(
  key: Buffer,
  userId: string,
  state: TotpState,
  typed: string,
  nowMs: number,
): TotpState | undefined {
  if (state.pending === null) return undefined;
  const used = useCode(key, userId, state.pending, typed.replaceAll(/\s/g, ''), nowMs);
  return used === undefined ? undefined : { active: used, pending: null };
}
