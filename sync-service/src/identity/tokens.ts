import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt, jwtVerify, SignJWT } from 'jose';
import { newId } from '@sivis/shared/ids/ids.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { SERVICE_LIMITS } from '../limits.ts';

/** What a token says: which session of which user at which device. Rights are never in it; they are asked anew. */
export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly deviceId: string;
  /** The key of the desk to which the token is bound (RFC 9449 §6.1). */
  readonly thumbprint: string;
  /** Number of a one-time ticket. */
  readonly jti: string;
  readonly expiresAtMs: number;
}

/** A ticket for the socket of one text, with what the request for it said of the desk: the socket itself says nothing. */
export interface TextClaims extends TokenClaims {
  readonly room: string;
  readonly ip: string;
  readonly app: string;
}

type Use = 'access' | 'live' | 'text';
type Who = Pick<TokenClaims, 'userId' | 'sessionId' | 'deviceId' | 'thumbprint'>;
const ISSUER = 'sivis';
const LIFE_MS: Readonly<Record<Use, number>> = {
  access: SERVICE_LIMITS.accessMs,
  live: LIMITS.ticketMs,
  text: LIMITS.ticketMs,
};

/** Signs a token (JWT, HS256) of the given use. Returns it and its end. */
export async function signToken(
  key: Buffer,
  use: Use,
  who: Who,
  nowMs: number,
  more: Readonly<Record<string, string>> = {},
): Promise<{ token: string; expiresAtMs: number }> {
  const issued = Math.floor(nowMs / 1000);
  const expires = issued + LIFE_MS[use] / 1000;
  const token = await new SignJWT({
    ...more,
    sid: who.sessionId,
    did: who.deviceId,
    cnf: { jkt: who.thumbprint },
  })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(ISSUER)
    .setAudience(use)
    .setSubject(who.userId)
    .setJti(newId())
    .setIssuedAt(issued)
    .setExpirationTime(expires)
    .sign(key);
  return { token, expiresAtMs: expires * 1000 };
}

/** Reads a token. Throws UNAUTHENTICATED for anything but a valid, unexpired token of this use. */
export async function readToken(key: Buffer, use: Use, token: string, nowMs: number): Promise<TokenClaims> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience: use,
      currentDate: new Date(nowMs),
      requiredClaims: ['sub', 'exp', 'jti', 'sid', 'did', 'cnf'],
    });
    const { sub, jti, exp } = payload;
    const { sid, did, cnf } = payload as { sid?: unknown; did?: unknown; cnf?: { jkt?: unknown } };
    const thumbprint = cnf?.jkt;
    if (typeof sid !== 'string' || typeof did !== 'string' || typeof thumbprint !== 'string')
      throw new SivisError('UNAUTHENTICATED');
    return {
      userId: sub ?? '',
      sessionId: sid,
      deviceId: did,
      thumbprint,
      jti: jti ?? '',
      expiresAtMs: (exp ?? 0) * 1000,
    };
  } catch {
    throw new SivisError('UNAUTHENTICATED');
  }
}

/** Signs the ticket for the socket of one text. */
export function signTextTicket(
  key: Buffer,
  who: Who,
  { room, ip, app }: Pick<TextClaims, 'room' | 'ip' | 'app'>,
  nowMs: number,
): Promise<{ token: string; expiresAtMs: number }> {
  return signToken(key, 'text', who, nowMs, { room, ip, app });
}

/** Reads the ticket for the socket of a text. Throws UNAUTHENTICATED for anything else. */
export async function readTextTicket(key: Buffer, ticket: string, nowMs: number): Promise<TextClaims> {
  const claims = await readToken(key, 'text', ticket, nowMs);
  // Its signature holds: what it says beside that is as it was signed.
  const { room, ip, app } = decodeJwt<Record<'room' | 'ip' | 'app', string>>(ticket);
  return { ...claims, room, ip, app };
}

/** A refresh token: 256 random bits; only its hash is stored. */
export function newRefreshToken(): string {
  return randomBytes(32).toString('base64url');
}

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
