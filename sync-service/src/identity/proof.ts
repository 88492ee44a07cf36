import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { SharedMemory } from '../store/sharedMemory.ts';

/** A request as its proof must name it. */
export interface ProvenRequest {
  readonly proof: string | undefined;
  readonly method: string;
  /** Origins under which the service is known to whoever asks, and the path without its query. */
  readonly origins: readonly string[];
  readonly path: string;
  /** The access token that the proof goes with. */
  readonly token?: string;
}

/** Checks proofs of possession (DPoP, RFC 9449) and gives out their nonces. */
export interface Proofs {
  /** The nonce to use from now on. */
  nonce(nowMs: number): string;
  /**
   * The thumbprint of the key that signed the proof. Throws DPOP_NONCE (with `nowMs`) when the proof is to be made anew
   * with the present nonce and time, DPOP_INVALID for anything else that is wrong, a repeated proof among it.
   */
  check(request: ProvenRequest, nowMs: number): Promise<string>;
}

const BUCKET_MS = 60_000;
const MAC_BYTES = 16;

function sameOrigin(htu: URL, origins: readonly string[]): boolean {
  return origins.some((origin) => URL.canParse(origin) && new URL(origin).origin === htu.origin);
}

const invalid = (reason: string): SivisError => new SivisError('DPOP_INVALID', { reason });

/** @param key signs the nonces, 32 bytes */
export function createProofs(key: Buffer, memory: SharedMemory): Proofs {
  const nonceOf = (bucket: number): string => {
    const mac = createHmac('sha256', key).update(`dpop-nonce.${memory.generation()}.${bucket}`).digest();
    return `${bucket.toString(36)}.${mac.subarray(0, MAC_BYTES).toString('base64url')}`;
  };
  const nonce = (nowMs: number): string => nonceOf(Math.floor(nowMs / BUCKET_MS));

  const holds = (given: unknown, nowMs: number): boolean => {
    if (typeof given !== 'string' || !/^[0-9a-z]{1,10}\.[\w-]{22}$/.test(given)) return false;
    const bucket = Number.parseInt(given, 36);
    const age = nowMs - bucket * BUCKET_MS;
    if (age < 0 || age > SERVICE_LIMITS.nonceMs) return false;
    return timingSafeEqual(Buffer.from(given), Buffer.from(nonceOf(bucket)));
  };

  return {
    nonce,
    async check({ proof, method, origins, path, token }, nowMs) {
      if (proof === undefined) throw new SivisError('DPOP_NONCE', { nowMs });
      let verified;
      try {
        verified = await jwtVerify(proof, EmbeddedJWK, {
          algorithms: ['ES256'],
          typ: 'dpop+jwt',
          currentDate: new Date(nowMs),
        });
      } catch {
        throw invalid('signature');
      }
      const { jwk } = verified.protectedHeader;
      if (jwk?.kty !== 'EC' || jwk.crv !== 'P-256') throw invalid('key');
      const { htm, htu, iat, jti, ath, nonce: given } = verified.payload;
      if (htm !== method) throw invalid('method');
      if (typeof htu !== 'string' || !URL.canParse(htu)) throw invalid('address');
      const address = new URL(htu);
      if (address.pathname !== path || address.search !== '' || !sameOrigin(address, origins))
        throw invalid('address');
      const hash = token === undefined ? undefined : createHash('sha256').update(token).digest('base64url');
      if (ath !== hash) throw invalid('token');
      if (typeof jti !== 'string' || jti.length < 8 || jti.length > 128) throw invalid('number');
      const late = typeof iat !== 'number' || Math.abs(iat * 1000 - nowMs) > SERVICE_LIMITS.proofSkewMs;
      // A desk whose clock is wrong learns the time here, and makes the proof anew.
      if (late || !holds(given, nowMs)) throw new SivisError('DPOP_NONCE', { nowMs });
      const thumbprint = await calculateJwkThumbprint(jwk, 'sha256').catch(() => {
        // Coordinates with letters beside base64url that the signature's check has overlooked.
        throw invalid('key');
      });
      const fresh = await memory.once(`proof.${thumbprint}.${jti}`, nowMs + SERVICE_LIMITS.nonceMs, nowMs);
      if (!fresh) throw invalid('repeated');
      return thumbprint;
    },
  };
}
