import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isOrderFor, type EraseOrder } from '@sivis/shared/fleet/eraseOrder.ts';
import type { DeviceView } from '@sivis/shared/protocol/messages/administration.ts';
import type { Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { ed25519Verify } from '../src/audit/nodeCrypto.ts';
import { newCode, plainCode } from '../src/identity/oneTimeCode.ts';
import { keyOf, newDeskKey, type DeskKey } from './deskKey.ts';
import { deviceId, openService, PASSWORD, type TestService } from './serviceKit.ts';

describe('tokens are bound to the key of the desk', () => {
  let service: TestService;
  let tokens: Tokens;
  beforeEach(async () => {
    service = await openService();
    await service.user('anna', 'reception');
    tokens = await service.signIn('anna');
  });
  afterEach(() => service.close());

  const url = `http://localhost${PATHS.me}`;
  const ask = async (proof: string | undefined, scheme = 'DPoP') => {
    const reply = await service.app.inject({
      method: 'GET',
      url: PATHS.me,
      headers: {
        authorization: `${scheme} ${tokens.accessToken}`,
        ...(proof === undefined ? {} : { dpop: proof }),
      },
    });
    return { status: reply.statusCode, ...reply.json<{ code?: string; detail?: Record<string, unknown> }>() };
  };
  /** A key that has the present nonce and time. */
  const told = async (key: DeskKey = keyOf(deviceId(1))): Promise<DeskKey> => {
    const reply = await service.app.inject({ method: 'POST', url: PATHS.hello, payload: {} });
    key.learn(
      reply.headers['dpop-nonce'] as string,
      reply.json<{ detail: { nowMs: number } }>().detail.nowMs,
    );
    return key;
  };

  it('takes the right proof, once', async () => {
    const key = await told();
    const proof = key.proof('GET', url, tokens.accessToken);
    expect((await ask(proof)).status).toBe(200);
    expect(await ask(proof)).toMatchObject({
      status: 401,
      code: 'DPOP_INVALID',
      detail: { reason: 'repeated' },
    });
    expect((await ask(undefined, 'Bearer')).code).toBe('UNAUTHENTICATED');
  });

  it('asks for a proof with its nonce and the present time, and says both', async () => {
    const key = await told();
    const seconds = Math.floor(service.clock.nowMs / 1000);
    for (const claims of [
      { nonce: 'x' },
      { nonce: undefined },
      { iat: seconds - 61 },
      { iat: seconds + 61 },
    ]) {
      const reply = await ask(key.proof('GET', url, tokens.accessToken, claims));
      expect(reply).toMatchObject({
        status: 401,
        code: 'DPOP_NONCE',
        detail: { nowMs: service.clock.nowMs },
      });
    }
    expect((await ask(undefined)).code).toBe('DPOP_NONCE');
    const iat = { iat: seconds - 59 };
    expect((await ask(key.proof('GET', url, tokens.accessToken, iat))).status).toBe(200);
    service.clock.nowMs += 301_000;
    expect((await ask(key.proof('GET', url, tokens.accessToken, { iat: seconds + 301 }))).code).toBe(
      'DPOP_NONCE',
    );
  });

  it('refuses a proof for another address, method, token, or of another key', async () => {
    const key = await told();
    const stranger = await told(newDeskKey());
    const wrong: [string, string][] = [
      ['method', key.proof('POST', url, tokens.accessToken)],
      ['address', key.proof('GET', `http://localhost${PATHS.users}`, tokens.accessToken)],
      ['address', key.proof('GET', 'http://evil.example/api/me', tokens.accessToken)],
      ['address', key.proof('GET', url, tokens.accessToken, { htu: `${url}?a=1` })],
      ['token', key.proof('GET', url)],
      ['token', key.proof('GET', url, `${tokens.accessToken}x`)],
      ['number', key.proof('GET', url, tokens.accessToken, { jti: 'a' })],
      ['key', stranger.proof('GET', url, tokens.accessToken)],
      ['signature', `${key.proof('GET', url, tokens.accessToken).slice(0, -8)}AAAAAAAA`],
      ['signature', 'a.b.c'],
    ];
    for (const [reason, proof] of wrong)
      expect(await ask(proof)).toMatchObject({ status: 401, code: 'DPOP_INVALID', detail: { reason } });
    expect((await ask(key.proof('GET', url, tokens.accessToken))).status).toBe(200);
  });

  it('does not give new tokens for a stolen refresh token, and leaves the session to its owner', async () => {
    const theft = await service.call(
      null,
      PATHS.refresh,
      {
        refreshToken: tokens.refreshToken,
      },
      { headers: { dpop: (await told(newDeskKey())).proof('POST', `http://localhost${PATHS.refresh}`) } },
    );
    expect(theft.statusCode).toBe(401);
    expect((await service.entries('refreshRefused')).map((entry) => entry.result)).toEqual(['other-key']);
    expect((await service.call(null, PATHS.refresh, { refreshToken: tokens.refreshToken })).statusCode).toBe(
      200,
    );
  });

  it('lets a revoked desk and one with a new key do nothing with an old token', async () => {
    const device = await service.store.read((tx) => tx.device(deviceId(1)));
    if (device === undefined) throw new Error('no device');
    await service.store.write((tx) => tx.putDevice({ ...device, keyThumbprint: 'other' }));
    expect((await service.call(tokens, PATHS.me)).statusCode).toBe(401);
  });
});

describe('enrolment', () => {
  let service: TestService;
  let it1: Tokens;
  beforeEach(async () => {
    service = await openService({}, { openEnrolment: false });
    await service.user('iveta', 'it');
    await service.user('anna', 'reception');
    await service.enrol(1);
    it1 = await service.signIn('iveta');
  });
  afterEach(() => service.close());

  const login = (device: number) =>
    service.call(null, PATHS.login, {
      user: 'anna',
      password: PASSWORD,
      device: { id: deviceId(device), name: 'Galds' },
    });
  const codeFor = async (body: object): Promise<string> =>
    (await service.call(it1, PATHS.deviceCode, body)).json<{ code: string }>().code;
  const enrol = (code: string, device: number) =>
    service.call(null, PATHS.enrol, { code, device: { id: deviceId(device), name: 'Galds' } });
  const codeOf = (reply: { json(): unknown }): string => (reply.json() as { code: string }).code;
  const hello = async (device: number): Promise<string> =>
    (await service.call(null, PATHS.hello, { device: { id: deviceId(device) } })).json<{ desk: string }>()
      .desk;

  it('is asked for at an unknown desk, whatever the password, and locks no account', async () => {
    expect(await hello(7)).toBe('unknown');
    for (let at = 0; at < 6; at += 1) expect(codeOf(await login(7))).toBe('DEVICE_UNKNOWN');
    expect((await service.entries('signInFailed')).at(-1)?.result).toBe('device-unknown');
    service.clock.nowMs += 60_001;
    expect((await login(1)).statusCode).toBe(200);
  });

  it('takes a code once, typed in any way, for 15 minutes', async () => {
    const code = await codeFor({ name: 'Reģ-2' });
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/);
    const typed = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    expect((await enrol(typed, 7)).json()).toMatchObject({ deviceName: 'Reģ-2' });
    expect(await hello(7)).toBe('known');
    expect((await login(7)).json<Tokens>().deviceName).toBe('Reģ-2');
    expect(codeOf(await enrol(code, 8))).toBe('ENROL_CODE');
    const late = await codeFor({ name: 'Reģ-3' });
    service.clock.nowMs += 900_000;
    expect(codeOf(await enrol(late, 8))).toBe('ENROL_CODE');
    expect((await service.entries('enrolFailed')).map((entry) => entry.result)).toEqual(['code', 'code']);
  });

  it('does not let a new code take the place of a known desk; a code made for the desk does', async () => {
    await enrol(await codeFor({ name: 'Reģ-2' }), 7);
    const tokens = (await login(7)).json<Tokens>();
    const other = newDeskKey();
    const take = async (code: string) => {
      const path = PATHS.enrol;
      const device = { id: deviceId(7), name: 'Galds' };
      for (let at = 0; ; at += 1) {
        const dpop = other.proof('POST', `http://localhost${path}`);
        const reply = await service.app.inject({
          method: 'POST',
          url: path,
          payload: { code, device },
          headers: { dpop },
        });
        other.learn(reply.headers['dpop-nonce'] as string, service.clock.nowMs);
        if (codeOf(reply) !== 'DPOP_NONCE' || at > 1) return reply;
      }
    };
    expect(codeOf(await take(await codeFor({ name: 'Reģ-9' })))).toBe('CONFLICT');
    expect((await service.call(tokens, PATHS.me)).statusCode).toBe(200);
    const renewal = await codeFor({ name: 'Reģ-2', id: deviceId(7) });
    expect(codeOf(await enrol(renewal, 8))).toBe('ENROL_CODE');
    expect((await take(await codeFor({ name: 'Reģ-2', id: deviceId(7) }))).statusCode).toBe(200);
    expect((await service.call(tokens, PATHS.me)).statusCode).toBe(401);
    expect(codeOf(await login(7))).toBe('DEVICE_UNKNOWN');
  });

  it('gives codes of 120 bits to IT only', async () => {
    expect(plainCode(newCode())).toHaveLength(24);
    const anna = (await login(1)).json<Tokens>();
    expect((await service.call(anna, PATHS.deviceCode, { name: 'x' })).statusCode).toBe(403);
    expect((await service.call(it1, PATHS.deviceCode, { name: 'x', id: deviceId(99) })).statusCode).toBe(404);
  });

  describe('the erasure of a desk', () => {
    const told = async (device: number) =>
      (await service.call(null, PATHS.hello, { device: { id: deviceId(device) } })).json<{
        desk: string;
        erase: EraseOrder | null;
        orderKey: string;
      }>();
    const order = (mode: string | null) => service.call(it1, PATHS.deviceErase, { id: deviceId(7), mode });
    const receipt = (orderId: string, device = 7) =>
      service.call(null, PATHS.erased, {
        device: { id: deviceId(device) },
        orderId,
        keysMs: 12,
        dataMs: 345,
        unsent: 2,
      });
    beforeEach(async () => {
      await enrol(await codeFor({ name: 'Reģ-2' }), 7);
    });

    it('is ordered by IT, signed, told to that desk alone, and ends its sessions when it was stolen', async () => {
      const anna = (await login(7)).json<Tokens>();
      expect(
        (await service.call(anna, PATHS.deviceErase, { id: deviceId(7), mode: 'stolen' })).statusCode,
      ).toBe(403);
      expect((await told(7)).erase).toBeNull();
      expect((await order('offboard')).json<DeviceView>()).toMatchObject({
        revoked: false,
        erase: { mode: 'offboard', doneAt: null },
      });
      // What is unsent may still be sent.
      expect((await service.call(anna, PATHS.me)).statusCode).toBe(200);
      expect((await order('stolen')).json<DeviceView>().revoked).toBe(true);
      expect((await service.call(anna, PATHS.me)).statusCode).toBe(401);
      const { erase, orderKey, desk } = await told(7);
      if (erase === null) throw new Error('no order');
      expect(desk).toBe('revoked');
      expect(await isOrderFor(erase, deviceId(7), orderKey, ed25519Verify)).toBe(true);
      expect(await isOrderFor({ ...erase, mode: 'offboard' }, deviceId(7), orderKey, ed25519Verify)).toBe(
        false,
      );
      expect(await isOrderFor(erase, deviceId(8), orderKey, ed25519Verify)).toBe(false);
      expect((await told(1)).erase).toBeNull();
    });

    it('ends with the receipt of that desk, once, in the log with what was lost', async () => {
      await order('stolen');
      const orderId = (await told(7)).erase?.orderId ?? '';
      expect((await receipt(orderId, 1)).statusCode).toBe(403);
      expect((await receipt(deviceId(3))).statusCode).toBe(403);
      expect((await receipt(orderId)).statusCode).toBe(200);
      expect((await receipt(orderId)).statusCode).toBe(200);
      expect((await told(7)).erase).toBeNull();
      const entries = await service.entries('erased');
      expect(entries).toHaveLength(1);
      const { devices } = (await service.call(it1, PATHS.devices)).json<{ devices: DeviceView[] }>();
      expect(devices.find((device) => device.id === deviceId(7))?.erase?.doneAt).not.toBeNull();
      expect(codeOf(await order(null))).toBe('CONFLICT');
    });

    it('is taken back as long as it is not done', async () => {
      await order('offboard');
      expect((await order(null)).json<DeviceView>().erase).toBeNull();
      expect((await told(7)).erase).toBeNull();
      expect(codeOf(await order(null))).toBe('CONFLICT');
      const other = { id: deviceId(55), mode: 'stolen' };
      expect((await service.call(it1, PATHS.deviceErase, other)).statusCode).toBe(404);
    });
  });
});
