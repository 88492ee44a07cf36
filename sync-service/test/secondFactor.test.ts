import { Secret, TOTP } from 'otpauth';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Tokens, TotpBegun } from '@sivis/shared/protocol/messages/signIn.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { openSecret, sealSecret } from '../src/identity/sealing.ts';
import { deviceId, openService, PASSWORD, type TestService } from './serviceKit.ts';

const STEP = 30_000;

describe('second factor', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await openService({}, { totpPolicy: 'privileged' });
    await service.user('anna', 'reception');
    await service.user('iveta', 'it');
  });
  afterEach(() => service.close());

  const credentials = (user: string, totp?: string) => ({
    user,
    password: PASSWORD,
    device: { id: deviceId(1), name: 'Galds' },
    ...(totp === undefined ? {} : { totp }),
  });
  const login = (user: string, totp?: string) => service.call(null, PATHS.login, credentials(user, totp));
  const codeOf = (reply: { json(): unknown }): string => (reply.json() as { code: string }).code;
  const begin = async (user: string, totp?: string): Promise<TotpBegun> =>
    (await service.call(null, PATHS.totpBegin, credentials(user, totp))).json<TotpBegun>();
  const codeAt = (secret: string, offsetMs = 0): string =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: service.clock.nowMs + offsetMs });
  /** Everybody may try again: the limits of sign-in are tested elsewhere. */
  const later = (ms = 900_001): void => {
    service.clock.nowMs += ms;
  };
  const enrolled = async (user: string): Promise<TotpBegun> => {
    const begun = await begin(user);
    const tokens = (await login(user)).json<Tokens>();
    if (user === 'anna')
      expect((await service.call(tokens, PATHS.totpConfirm, { code: codeAt(begun.secret) })).statusCode).toBe(
        200,
      );
    later();
    return begun;
  };

  it('must be set up by IT before the first session, and by reception only if it wants', async () => {
    expect((await login('anna')).statusCode).toBe(200);
    expect(codeOf(await login('iveta'))).toBe('TOTP_SETUP');
    const begun = await begin('iveta');
    expect(begun.uri).toContain(`secret=${begun.secret}`);
    expect(new Set(begun.recoveryCodes).size).toBe(10);
    expect(codeOf(await login('iveta', '000000'))).toBe('TOTP_WRONG');
    expect((await login('iveta', codeAt(begun.secret))).statusCode).toBe(200);
    expect(codeOf(await login('iveta'))).toBe('TOTP_REQUIRED');
    expect((await service.entries('totpOn')).map(({ result }) => result)).toEqual(['ok']);
  });

  it('takes each code once, half a minute early or late, by the clock of the service', async () => {
    const { secret } = await enrolled('anna');
    expect(codeOf(await login('anna'))).toBe('TOTP_REQUIRED');
    expect(codeOf(await login('anna', codeAt(secret, -2 * STEP)))).toBe('TOTP_WRONG');
    expect(codeOf(await login('anna', codeAt(secret, 2 * STEP)))).toBe('TOTP_WRONG');
    later();
    const code = codeAt(secret, -STEP);
    expect((await login('anna', code)).statusCode).toBe(200);
    expect(codeOf(await login('anna', code))).toBe('TOTP_WRONG');
    const now = codeAt(secret);
    const both = await Promise.all([
      login('anna', now),
      login('anna', ` ${now.slice(0, 3)} ${now.slice(3)} `),
    ]);
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 401]);
  });

  it('takes what is no code for a wrong one, and counts it', async () => {
    await enrolled('anna');
    for (const code of ['āžšģķļ', '１２３４５６', '12345', '🙂🙂🙂'])
      expect(codeOf(await login('anna', code))).toBe('TOTP_WRONG');
    expect(codeOf(await login('anna', '12e456'))).toBe('TOTP_WRONG');
    expect(codeOf(await login('anna', '123456'))).toBe('TOO_MANY_REQUESTS');
  });

  it('lets in by a recovery code, each once, and says how many are left', async () => {
    const { recoveryCodes } = await enrolled('anna');
    const [first = '', second = ''] = recoveryCodes;
    expect((await login('anna', first.toLowerCase().replaceAll('-', ' '))).statusCode).toBe(200);
    expect(codeOf(await login('anna', first))).toBe('TOTP_WRONG');
    const tokens = (await login('anna', second)).json<Tokens>();
    expect((await service.call(tokens, PATHS.totpState)).json()).toEqual({
      on: true,
      required: false,
      recoveryLeft: 8,
    });
    expect((await service.entries('totpRecovery')).length).toBe(2);
  });

  it('locks the account after five wrong codes, also of somebody who asks in between without one', async () => {
    await enrolled('anna');
    const answers = [];
    for (let at = 0; at < 4; at += 1)
      answers.push(codeOf(await login('anna', '000000')), codeOf(await login('anna')));
    expect(answers.filter((code) => code === 'TOO_MANY_REQUESTS').length).toBe(3);
  });

  it('is replaced with a code of it only, taken away by its code, and by IT without', async () => {
    const { secret } = await enrolled('anna');
    expect(codeOf(await service.call(null, PATHS.totpBegin, credentials('anna')))).toBe('TOTP_REQUIRED');
    const tokens = (await login('anna', codeAt(secret))).json<Tokens>();
    expect(codeOf(await service.call(tokens, PATHS.totpRemove, { code: '000000' }))).toBe('TOTP_WRONG');
    later(STEP);
    expect((await service.call(tokens, PATHS.totpRemove, { code: codeAt(secret) })).statusCode).toBe(200);
    expect((await login('anna')).statusCode).toBe(200);

    later();
    const again = await enrolled('anna');
    const it = (await login('iveta', codeAt((await begin('iveta')).secret))).json<Tokens>();
    const users = (await service.call(it, PATHS.users)).json<{
      users: { user: string; totp: boolean; id: string }[];
    }>();
    const anna = users.users.find(({ user }) => user === 'anna');
    expect(anna?.totp).toBe(true);
    const held = (await login('anna', codeAt(again.secret))).json<Tokens>();
    expect(
      (await service.call(it, PATHS.userUpdate, { id: anna?.id, resetTotp: true })).json(),
    ).toMatchObject({ totp: false });
    expect((await service.call(held, PATHS.me)).statusCode).toBe(401);
    expect((await login('anna')).statusCode).toBe(200);
    expect(codeOf(await service.call(it, PATHS.totpRemove, { code: '000000' }))).toBe('FORBIDDEN');
  });

  it('is sealed in the store, for its user only', async () => {
    const { secret, recoveryCodes } = await enrolled('anna');
    const stored =
      (await service.store.read(async (tx) => tx.totp((await tx.userByName('anna'))?.id ?? ''))) ?? '';
    expect(stored).not.toContain(secret);
    for (const code of recoveryCodes) expect(stored).not.toContain(code);
    const key = Buffer.alloc(32, 1);
    const sealed = sealSecret(key, 'totp', 'a', Buffer.from('secret'));
    expect(openSecret(key, 'totp', 'a', sealed).toString()).toBe('secret');
    for (const open of [
      () => openSecret(key, 'totp', 'b', sealed),
      () => openSecret(key, 'other', 'a', sealed),
      () => openSecret(Buffer.alloc(32, 2), 'totp', 'a', sealed),
    ])
      expect(open).toThrow();
  });
});
