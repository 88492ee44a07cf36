import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { createProofs } from '../../sync-service/src/identity/proof.ts';
import { readToken, signToken } from '../../sync-service/src/identity/tokens.ts';
import { processMemory } from '../../sync-service/src/store/sharedMemory.ts';
import { bytesOf, jsonText, textOf, wordOf, type Target } from '../lib/target.ts';
import { AT, ID } from './requests.ts';

const KEY = Buffer.alloc(32, 3);
const NOW = Date.parse(AT);
/** Node refuses more in all headers together. */
const HEADER_BYTES = 16_384;
const WHO = { userId: ID, sessionId: ID, deviceId: ID, thumbprint: 'x' };

const coded = (value: unknown): string => Buffer.from(jsonText(value)).toString('base64url');

/**
 * A token as a seed that is changed in its parts: header and claims stand open as JSON, the rest is made of them. So the
 * changes reach what stands behind base64, with a signature that is right (`sign`) or the old one.
 */
interface OpenToken {
  readonly header: unknown;
  readonly claims: unknown;
  readonly signature?: string;
}

function open(input: Uint8Array): OpenToken | undefined {
  try {
    const value = JSON.parse(textOf(input)) as OpenToken | null;
    return typeof value === 'object' && value !== null && 'header' in value ? value : undefined;
  } catch {
    return undefined;
  }
}

export async function tokenTargets(): Promise<Target[]> {
  const { token } = await signToken(KEY, 'access', WHO, NOW);
  const hmac = (text: string): string => createHash('sha256').update(text).digest('base64url');
  const parts = token.split('.');
  const part = (at: number): unknown =>
    JSON.parse(Buffer.from(parts[at] ?? '', 'base64url').toString('utf8')) as unknown;
  const access: Target = {
    name: 'access token',
    door: 'HTTP header, anybody',
    seeds: [
      bytesOf(token),
      bytesOf({ header: part(0), claims: part(1), signature: parts[2] }),
      bytesOf({ header: { alg: 'none' }, claims: part(1), signature: '' }),
      bytesOf({
        header: { alg: 'HS256', kid: '../../keys.json', crit: ['exp'] },
        claims: part(1),
        signature: hmac(''),
      }),
      bytesOf((await signToken(KEY, 'live', WHO, NOW)).token),
    ],
    json: true,
    limit: HEADER_BYTES,
    async run(input) {
      const parted = open(input);
      const text =
        parted === undefined
          ? textOf(input)
          : `${coded(parted.header)}.${coded(parted.claims)}.${wordOf(parted.signature)}`;
      const claims = await readToken(KEY, 'access', text, NOW);
      if (claims.userId !== ID) throw new TypeError('a token that nobody signed was taken');
      return 'taken';
    },
  };

  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const memory = processMemory();
  const proofs = createProofs(KEY, memory);
  const request = {
    method: 'POST',
    origins: ['http://127.0.0.1:4310'],
    path: '/api/sync/1/people/pull',
    token,
  };
  const header = { alg: 'ES256', typ: 'dpop+jwt', jwk: { kty: 'EC', crv: 'P-256', x, y } };
  const claims = {
    jti: 'number-1',
    htm: 'POST',
    htu: 'http://127.0.0.1:4310/api/sync/1/people/pull',
    iat: NOW / 1_000,
    nonce: proofs.nonce(NOW),
    ath: createHash('sha256').update(token).digest('base64url'),
  };
  const signed = (head: unknown, body: unknown): string => {
    const text = `${coded(head)}.${coded(body)}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  let turn = 0;
  const dpop: Target = {
    name: 'DPoP proof',
    door: 'HTTP header, anybody',
    seeds: [
      // Signed anew by its own key, so that every claim behind the signature is reached.
      bytesOf({ header, claims }),
      // Found: letters beside base64url, which the check of the signature overlooks.
      bytesOf({ header: { ...header, jwk: { ...header.jwk, x: `${x ?? ''}ā` } }, claims }),
      bytesOf({ header: { ...header, alg: 'none' }, claims, signature: '' }),
      bytesOf({ header: { ...header, jwk: { kty: 'oct', k: 'AAAA' }, alg: 'HS256' }, claims, signature: '' }),
      bytesOf(signed(header, claims)),
    ],
    json: true,
    limit: HEADER_BYTES,
    async run(input) {
      const parted = open(input);
      let proof = textOf(input);
      if (parted !== undefined) {
        const fresh =
          typeof parted.claims === 'object' && parted.claims !== null && 'jti' in parted.claims
            ? {
                ...parted.claims,
                ...(parted.claims.jti === claims.jti ? { jti: `number-${(turn += 1)}` } : {}),
              }
            : parted.claims;
        proof =
          parted.signature === undefined
            ? signed(parted.header, fresh)
            : `${coded(parted.header)}.${coded(fresh)}.${wordOf(parted.signature)}`;
      }
      try {
        await proofs.check({ ...request, proof }, NOW);
        return 'taken';
      } catch (error) {
        if (error instanceof SivisError && error.code === 'DPOP_INVALID')
          return `DPOP_INVALID ${String(error.detail['reason'])}`;
        throw error;
      }
    },
  };
  return [access, dpop];
}
