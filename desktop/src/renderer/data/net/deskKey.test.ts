import { describe, expect, it } from 'vitest';
import { createDeskClock } from './deskClock.ts';
import { newDeskKey, openDeskKey, proofOf, type DeskKey, type KeyShelf } from './deskKey.ts';
import { createSend } from './http.ts';

const T0 = Date.parse('2026-11-21T10:00:00.000Z');

function parts(proof: string): { header: { jwk: JsonWebKey }; claims: Record<string, unknown> } {
  const [header = '', claims = ''] = proof.split('.');
  const read = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());
  return { header: read(header) as { jwk: JsonWebKey }, claims: read(claims) as Record<string, unknown> };
}

function shelf(): KeyShelf & { value: unknown } {
  const own = {
    value: undefined as unknown,
    get: () => Promise.resolve(own.value),
    put: (key: DeskKey) => {
      own.value = key;
      return Promise.resolve();
    },
  };
  return own;
}

describe('the key of the desk', () => {
  it('is made once, cannot be read, and is never made anew beside one that is damaged', async () => {
    const place = shelf();
    const key = await openDeskKey(place);
    expect(await openDeskKey(place)).toBe(key);
    await expect(crypto.subtle.exportKey('jwk', key.privateKey)).rejects.toThrow();
    place.value = { privateKey: 'x' };
    await expect(openDeskKey(place)).rejects.toThrow('not readable');
  });

  it('signs a proof for one request at the service’s time', async () => {
    const key = await newDeskKey();
    const url = 'http://127.0.0.1:4310/api/me';
    const proof = await proofOf(key, { method: 'GET', url, token: 'token', nonce: 'n', nowMs: T0 });
    const { header, claims } = parts(proof);
    const ath = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from('token'))).toString(
      'base64url',
    );
    expect(claims).toMatchObject({ htm: 'GET', htu: url, iat: T0 / 1_000, nonce: 'n', ath });
    expect(header.jwk).not.toHaveProperty('d');
    const [head = '', body = '', signature = ''] = proof.split('.');
    const right = await crypto.subtle.verify(
      { name: 'ECDSA', hash: 'SHA-256' },
      key.publicKey,
      Buffer.from(signature, 'base64url'),
      Buffer.from(`${head}.${body}`),
    );
    expect(right).toBe(true);
  });
});

describe('calls with a proof', () => {
  /** A service that answers what it is told to, and what proofs it got. */
  async function world(answers: readonly { status: number; body: object; nonce?: string }[]) {
    const proofs: Record<string, unknown>[] = [];
    let at = 0;
    const reply = (_url: string, init: RequestInit): Promise<Response> => {
      const dpop = new Headers(init.headers).get('dpop');
      if (dpop !== null) proofs.push(parts(dpop).claims);
      const answer = answers[Math.min(at, answers.length - 1)];
      at += 1;
      const headers = answer?.nonce === undefined ? {} : { 'dpop-nonce': answer.nonce };
      return Promise.resolve(
        new Response(JSON.stringify(answer?.body), { status: answer?.status ?? 500, headers }),
      );
    };
    const own = T0 - 3_600_000;
    const clock = createDeskClock({ now: () => own });
    const binding = { key: await newDeskKey(), clock };
    const send = createSend('http://x', reply as typeof fetch, () => own, '', binding);
    return { send, proofs, clock };
  }
  const refusal = (code: string, detail: object) => ({ code, message: '', detail, requestId: 'r' });

  it('takes nonce and time from the service and asks once more', async () => {
    const challenge = { status: 401, body: refusal('DPOP_NONCE', { nowMs: T0 }), nonce: 'first' };
    const { send, proofs, clock } = await world([challenge, { status: 200, body: {}, nonce: 'second' }]);
    await send({ path: '/api/me' });
    await send({ path: '/api/me', token: 'a' });
    expect(proofs.map(({ nonce, iat }) => [nonce, iat])).toEqual([
      [undefined, (T0 - 3_600_000) / 1_000],
      ['first', T0 / 1_000],
      ['second', T0 / 1_000],
    ]);
    expect(clock.now()).toBe(T0);
    expect(new Set(proofs.map(({ jti }) => jti)).size).toBe(3);
  });

  it('asks once more and no oftener, also when the browser had sent the same proof twice', async () => {
    const challenge = await world([{ status: 401, body: refusal('DPOP_NONCE', { nowMs: T0 }) }]);
    await expect(challenge.send({ path: '/api/me' })).rejects.toMatchObject({ code: 'DPOP_NONCE' });
    expect(challenge.proofs).toHaveLength(2);
    const twice = await world([
      { status: 401, body: refusal('DPOP_INVALID', { reason: 'repeated' }) },
      { status: 200, body: {} },
    ]);
    await twice.send({ path: '/api/me' });
    expect(twice.proofs).toHaveLength(2);
    const wrong = await world([{ status: 401, body: refusal('DPOP_INVALID', { reason: 'key' }) }]);
    await expect(wrong.send({ path: '/api/me' })).rejects.toMatchObject({ code: 'DPOP_INVALID' });
    expect(wrong.proofs).toHaveLength(1);
  });

  it('proves nothing to pages outside the interface', async () => {
    const { send, proofs } = await world([{ status: 200, body: {} }]);
    await send({ path: '/healthz', method: 'GET' });
    expect(proofs).toHaveLength(0);
  });
});
