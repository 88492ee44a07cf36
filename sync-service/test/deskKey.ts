import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';

/** A desk's key in a test, with what the service has told it: the nonce and the time. */
export interface DeskKey {
  readonly jwk: { readonly kty: string; readonly crv: string; readonly x: string; readonly y: string };
  readonly thumbprint: string;
  /** A proof (RFC 9449) for a request; `claims` are put over the right ones. */
  proof(method: string, url: string, token?: string, claims?: Readonly<Record<string, unknown>>): string;
  /** The key and its signature of a text, as they stand in a delivery of events. */
  signed(text: string): { readonly key: string; readonly value: string };
  /** Takes nonce and time from a reply. */
  learn(nonce: string | null | undefined, nowMs?: unknown): void;
}

const coded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function newDeskKey(): DeskKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const jwk = { crv: 'P-256', kty: 'EC', x, y };
  const thumbprint = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');
  let nonce: string | undefined;
  let offsetMs = 0;
  return {
    jwk,
    thumbprint,
    proof(method, url, token, claims = {}) {
      const payload = {
        jti: randomUUID(),
        htm: method,
        htu: url.split('?')[0],
        iat: Math.floor((Date.now() + offsetMs) / 1000),
        ...(nonce === undefined ? {} : { nonce }),
        ...(token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') }),
        ...claims,
      };
      const text = `${coded({ alg: 'ES256', typ: 'dpop+jwt', jwk })}.${coded(payload)}`;
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}`;
    },
    signed: (text) => ({
      key: Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]).toString('base64url'),
      value: sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString(
        'base64url',
      ),
    }),
    learn(given, nowMs) {
      if (typeof given === 'string') nonce = given;
      if (typeof nowMs === 'number') offsetMs = nowMs - Date.now();
    },
  };
}

const keys = new Map<string, DeskKey>();

/** The key of a desk by its id, the same in the whole test process. */
export function keyOf(deviceId: string): DeskKey {
  const known = keys.get(deviceId);
  if (known !== undefined) return known;
  const key = newDeskKey();
  keys.set(deviceId, key);
  return key;
}

/** The desk for which an access token was made. */
export function deskOfToken(token: string): string {
  try {
    const { did } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      did?: string;
    };
    return did ?? '';
  } catch {
    return '';
  }
}

/** What of a reply the desk learns from. */
export interface Answer {
  readonly status: number;
  readonly nonce: string | null | undefined;
  readonly body: unknown;
}

/**
 * Sends a request with a proof, and once more when the service gives a nonce first.
 * @param run sends it with the headers of the proof and tells what came
 */
export async function proven<T>(
  key: DeskKey,
  request: { readonly method: string; readonly url: string; readonly token?: string | undefined },
  run: (headers: Record<string, string>) => Promise<T>,
  answerOf: (reply: T) => Answer,
): Promise<T> {
  const { method, url, token } = request;
  const attempt = async (): Promise<T> => {
    const reply = await run({
      dpop: key.proof(method, url, token),
      ...(token === undefined ? {} : { authorization: `DPoP ${token}` }),
    });
    const { nonce, body } = answerOf(reply);
    key.learn(nonce, (body as { detail?: { nowMs?: unknown } } | null)?.detail?.nowMs);
    return reply;
  };
  const first = await attempt();
  const { status, body } = answerOf(first);
  const again = status === 401 && (body as { code?: unknown } | null)?.code === 'DPOP_NONCE';
  return again ? attempt() : first;
}
