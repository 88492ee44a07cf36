import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLeaseOf, type OfflineLease } from '@sivis/shared/fleet/offlineLease.ts';
import type { Hello } from '@sivis/shared/protocol/messages/desk.ts';
import type { Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { issueFirstAdminToken } from '../src/identity/firstAdmin.ts';
import { hashPassword, passwordProblem, randomPassword, verifyPassword } from '../src/identity/passwords.ts';
import { COMMON_PASSWORDS } from '../src/identity/commonPasswords.ts';
import { ed25519Verify } from '../src/audit/nodeCrypto.ts';
import { keyOf } from './deskKey.ts';
import { deviceId, NOW, openService, OTHER_SITE, PASSWORD, SITE, type TestService } from './serviceKit.ts';

describe('passwords', () => {
  it('are hashed with Argon2id in the PHC format and verified in either normal form', async () => {
    const hash = await hashPassword('ērglis lido pār kalnu');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
    expect(await verifyPassword('ērglis lido pār kalnu'.normalize('NFD'), hash)).toBe(true);
    expect(await verifyPassword('ērglis lido pār kalniem', hash)).toBe(false);
    expect(await verifyPassword('ērglis lido pār kalnu', undefined)).toBe(false);
  });

  it('are refused when short, common, monotonous or the user name', () => {
    expect(COMMON_PASSWORDS.size).toBeGreaterThan(1_000);
    expect(passwordProblem('īsa parole', 'anna')).toBe('tooShort');
    expect(passwordProblem('x'.repeat(257), 'anna')).toBe('tooLong');
    for (const common of [
      'Password1234',
      'qwertyuiop123',
      'PĀROLE-123456',
      '123456789012',
      'abcabcabcabc',
      'abcdefghijklmn',
      '............',
    ]) {
      expect(passwordProblem(common, 'anna')).toBe('common');
    }
    expect(passwordProblem('mans-vards-Anna-7', 'anna')).toBe('containsUserName');
    expect(passwordProblem(PASSWORD, 'anna')).toBeUndefined();
    expect(passwordProblem(randomPassword(), 'anna')).toBeUndefined();
  });
});

describe('sign-in', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await openService();
    await service.user('anna', 'reception');
    await service.user('iveta', 'it');
  });
  afterEach(() => service.close());

  const login = (user: string, password: string, device = 1) =>
    service.call(null, PATHS.login, { user, password, device: { id: deviceId(device), name: 'Galds' } });
  const me = (tokens: Tokens) => service.call(tokens, PATHS.me);

  it('gives tokens, an offline lease of 72 hours, and registers the device', async () => {
    const reply = await login('Anna', PASSWORD);
    expect(reply.statusCode).toBe(200);
    const tokens = reply.json<Tokens>();
    expect(Date.parse(tokens.lease.until) - NOW).toBe(72 * 3_600_000);
    const { orderKey } = (
      await service.call(null, PATHS.hello, { device: { id: deviceId(1) } })
    ).json<Hello>();
    const holder = { userId: tokens.user.id, deviceId: deviceId(1) };
    const holds = (lease: OfflineLease, who = holder) => isLeaseOf(lease, who, orderKey, ed25519Verify);
    expect(await holds(tokens.lease)).toBe(true);
    expect(await holds({ ...tokens.lease, until: '2030-01-01T00:00:00.000Z' })).toBe(false);
    expect(
      await holds({ ...tokens.lease, deviceId: deviceId(2) }, { ...holder, deviceId: deviceId(2) }),
    ).toBe(false);
    expect(await holds(tokens.lease, { ...holder, userId: deviceId(3) })).toBe(false);
    expect(Date.parse(tokens.accessExpiresAt) - NOW).toBeLessThanOrEqual(600_000);
    expect(tokens.user).toMatchObject({ user: 'anna', role: 'reception', siteIds: [SITE] });
    expect((await me(tokens)).json()).toMatchObject({ user: 'anna' });
    expect((await service.store.read((tx) => tx.device(deviceId(1))))?.name).toBe('Galds');
    expect((await service.entries()).map((entry) => [entry.action, entry.personal])).toEqual([
      ['deviceAdded', false],
      ['signIn', false],
    ]);
  });

  it('answers a wrong password and an unknown user alike, and logs which it was', async () => {
    const wrong = await login('anna', 'cita parole pavisam');
    const unknown = await login('nav tāda', PASSWORD);
    expect([wrong.statusCode, unknown.statusCode]).toEqual([401, 401]);
    const plain = (body: { requestId: string }) => ({ ...body, requestId: '' });
    expect(plain(wrong.json())).toEqual(plain(unknown.json()));
    expect((await service.entries('signInFailed')).map((entry) => entry.result)).toEqual([
      'wrong-password',
      'unknown-user',
    ]);
  });

  it('locks an account for 15 minutes after five failures, the right password too', async () => {
    for (let at = 0; at < 5; at += 1)
      expect((await login('anna', `nepareiza parole ${at}`)).statusCode).toBe(401);
    const locked = await login('anna', PASSWORD);
    expect(locked.statusCode).toBe(429);
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(0);
    service.clock.nowMs += 900_001;
    expect((await login('anna', PASSWORD)).statusCode).toBe(200);
  });

  it('takes ten sign-ins a minute from one address', async () => {
    for (let at = 0; at < 10; at += 1)
      expect((await login(`lietotajs${at}`, 'nepareiza parole')).statusCode).toBe(401);
    expect((await login('anna', PASSWORD)).statusCode).toBe(429);
    service.clock.nowMs += 60_001;
    expect((await login('anna', PASSWORD)).statusCode).toBe(200);
  });

  it('ends a session at once: sign-out, everywhere, disabled user, revoked device', async () => {
    const first = await service.signIn('anna');
    const second = await service.signIn('anna', 2);
    expect((await service.call(first, PATHS.logout, {})).statusCode).toBe(200);
    expect((await me(first)).statusCode).toBe(401);
    expect((await me(second)).statusCode).toBe(200);
    const third = await service.signIn('anna');
    await service.call(third, PATHS.logoutEverywhere, {});
    expect([(await me(second)).statusCode, (await me(third)).statusCode]).toEqual([401, 401]);

    const it = await service.signIn('iveta', 3);
    const anna = await service.signIn('anna');
    const { id } = anna.user;
    expect((await service.call(it, PATHS.userUpdate, { id, disabled: true })).statusCode).toBe(200);
    expect((await me(anna)).statusCode).toBe(401);
    expect((await login('anna', PASSWORD)).statusCode).toBe(403);
    expect((await login('anna', 'cita parole pavisam')).statusCode).toBe(401);
    await service.call(it, PATHS.userUpdate, { id, disabled: false });
    const again = await service.signIn('anna');
    expect((await service.call(it, PATHS.deviceUpdate, { id: deviceId(1), revoked: true })).statusCode).toBe(
      200,
    );
    expect((await me(again)).statusCode).toBe(401);
    expect((await login('anna', PASSWORD)).statusCode).toBe(403);
    expect(service.accessChanges()).toBeGreaterThanOrEqual(4);
  });

  it('rotates refresh tokens and ends the session when an old one comes back', async () => {
    const tokens = await service.signIn('anna');
    const refresh = (token: string) => service.call(null, PATHS.refresh, { refreshToken: token });
    const next = (await refresh(tokens.refreshToken)).json<Tokens>();
    expect((await me(next)).statusCode).toBe(200);
    expect((await refresh('nav tāda')).statusCode).toBe(401);
    service.clock.nowMs += 61_000;
    expect((await refresh(tokens.refreshToken)).statusCode).toBe(401);
    expect((await me(next)).statusCode).toBe(401);
    expect((await refresh(next.refreshToken)).statusCode).toBe(401);
    expect((await service.entries('sessionEnded')).map((entry) => entry.result)).toEqual(['refresh-reused']);
  });

  it('gives each new desk a name of its own', async () => {
    const names = [];
    for (const at of [11, 12, 13]) {
      const reply = await service.call(null, PATHS.login, {
        user: 'anna',
        password: PASSWORD,
        device: { id: deviceId(at), name: 'Darbstacija 1' },
      });
      names.push(reply.json<Tokens>().deviceName);
    }
    expect(new Set(names).size).toBe(3);
    expect(names[2]).toMatch(/^Darbstacija \d+$/);
  });

  it('lets a desk that was reloaded before it kept its new token ask with the old one for a minute', async () => {
    const tokens = await service.signIn('anna');
    const refresh = (token: string) => service.call(null, PATHS.refresh, { refreshToken: token });
    expect((await refresh(tokens.refreshToken)).statusCode).toBe(200);
    service.clock.nowMs += 30_000;
    const again = await refresh(tokens.refreshToken);
    expect(again.statusCode).toBe(200);
    expect((await me(again.json<Tokens>())).statusCode).toBe(200);
    service.clock.nowMs += 40_000;
    expect((await refresh(tokens.refreshToken)).statusCode).toBe(401);
  });

  it('ends with the token after 10 minutes and with the session after 12 hours', async () => {
    const tokens = await service.signIn('anna');
    service.clock.nowMs += 601_000;
    expect((await me(tokens)).statusCode).toBe(401);
    const fresh = (
      await service.call(null, PATHS.refresh, { refreshToken: tokens.refreshToken })
    ).json<Tokens>();
    expect((await me(fresh)).statusCode).toBe(200);
    service.clock.nowMs += 12 * 3_600_000;
    const late = await service.call(null, PATHS.refresh, { refreshToken: fresh.refreshToken });
    expect([late.statusCode, late.json<{ detail: object }>().detail]).toEqual([401, { reason: 'expired' }]);
  });

  it('refuses forged tokens: no algorithm, another key, another use', async () => {
    const tokens = await service.signIn('anna');
    const [, body] = tokens.accessToken.split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
    const claims = { sid: 'x', did: deviceId(1) };
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('sivis')
      .setAudience('access')
      .setSubject(tokens.user.id)
      .setJti('a')
      .setExpirationTime('5m')
      .sign(Buffer.alloc(32, 9));
    const ticket = (await service.call(tokens, PATHS.ticket, {})).json<{ ticket: string }>().ticket;
    for (const accessToken of [none, forged, ticket, '', 'a.b.c']) {
      expect((await me({ ...tokens, accessToken })).statusCode).toBe(401);
    }
  });

  it('changes the password with the old one, ends the other sessions and keeps this one', async () => {
    const tokens = await service.signIn('anna');
    const other = await service.signIn('anna', 2);
    const change = (oldPassword: string, newPassword: string) =>
      service.call(tokens, PATHS.password, { oldPassword, newPassword });
    expect((await change('nepareiza parole', 'pavisam cita doma 9')).statusCode).toBe(401);
    const weak = await change(PASSWORD, 'parole123456');
    expect([weak.statusCode, weak.json<{ detail: object }>().detail]).toEqual([
      400,
      { field: 'password', problem: 'common' },
    ]);
    expect((await change(PASSWORD, 'pavisam cita doma 9')).statusCode).toBe(200);
    expect([(await me(tokens)).statusCode, (await me(other)).statusCode]).toEqual([200, 401]);
    expect((await login('anna', PASSWORD, 3)).statusCode).toBe(401);
    expect((await login('anna', 'pavisam cita doma 9', 3)).statusCode).toBe(200);
  });

  it('lets IT make users, never change its own rights', async () => {
    const it = await service.signIn('iveta');
    const created = await service.call(it, PATHS.userCreate, {
      user: 'dace',
      name: 'Dace Testa',
      role: 'dutyManager',
      siteIds: [SITE],
      password: PASSWORD,
    });
    expect(created.statusCode).toBe(200);
    expect(created.body).not.toContain('argon2');
    const twice = await service.call(it, PATHS.userCreate, {
      user: 'dace',
      name: 'Cita',
      role: 'it',
      siteIds: [SITE],
      password: PASSWORD,
    });
    expect(twice.statusCode).toBe(409);
    expect((await service.call(it, PATHS.userUpdate, { id: it.user.id, role: 'auditor' })).statusCode).toBe(
      403,
    );
    const anna = await service.signIn('anna', 2);
    for (const [path, body] of [
      [PATHS.users, undefined],
      [PATHS.devices, undefined],
      [PATHS.userUpdate, { id: anna.user.id, role: 'it' }],
      [PATHS.deviceUpdate, { id: deviceId(1), revoked: true }],
    ] as const) {
      expect((await service.call(anna, path, body)).statusCode).toBe(403);
    }
  });

  it('keeps the staff directory with the accounts: made, renamed, moved, disabled', async () => {
    const it = await service.signIn('iveta');
    const created = await service.call(it, PATHS.userCreate, {
      user: 'dace',
      name: 'Dace Testa',
      role: 'dutyManager',
      siteIds: [SITE],
      password: PASSWORD,
    });
    const { id } = created.json<{ id: string }>();
    const entry = () => service.store.read((tx) => tx.doc(id));
    expect(await entry()).toMatchObject({
      kind: 'staff',
      siteId: SITE,
      rev: 1,
      fields: { name: 'Dace Testa', role: 'dutyManager', active: true, siteIds: [SITE] },
    });
    const update = (change: object) => service.call(it, PATHS.userUpdate, { id, ...change });
    await update({ name: 'Dace Jauna' });
    await update({ siteIds: [OTHER_SITE, SITE] });
    await update({ disabled: true });
    expect(await entry()).toMatchObject({
      siteId: OTHER_SITE,
      rev: 4,
      fields: { name: 'Dace Jauna', role: 'dutyManager', active: false, siteIds: [OTHER_SITE, SITE] },
    });
    // What colleagues do not see makes no new entry.
    await update({ password: 'pavisam cita parole 9' });
    expect((await entry())?.rev).toBe(4);
  });

  it('makes the first administrator once, with the token of an empty store only', async () => {
    expect(await issueFirstAdminToken(service.store, NOW)).toBeNull();
    const empty = await openService();
    const token = (await issueFirstAdminToken(empty.store, NOW)) ?? '';
    const make = (value: string) =>
      empty.call(null, PATHS.firstAdmin, {
        token: value,
        user: 'pirmais',
        name: 'Pirmais',
        password: PASSWORD,
        device: { id: deviceId(1), name: 'Galds' },
      });
    expect((await make('cits')).statusCode).toBe(403);
    expect((await make(token)).statusCode).toBe(200);
    expect((await make(token)).statusCode).toBe(403);
    expect((await empty.store.read((tx) => tx.device(deviceId(1))))?.keyThumbprint).toBe(
      keyOf(deviceId(1)).thumbprint,
    );
    expect((await empty.signIn('pirmais')).user.role).toBe('it');
    await empty.close();
    const late = await openService();
    const old = (await issueFirstAdminToken(late.store, NOW)) ?? '';
    late.clock.nowMs += 24 * 3_600_000 + 1;
    expect(
      (
        await late.call(null, PATHS.firstAdmin, {
          token: old,
          user: 'pirmais',
          name: 'P',
          password: PASSWORD,
          device: { id: deviceId(1), name: 'Galds' },
        })
      ).statusCode,
    ).toBe(403);
    await late.close();
  });

  it('makes the first site with the first administrator where there is none', async () => {
    const empty = await openService({}, {}, { fresh: true });
    const token = (await issueFirstAdminToken(empty.store, NOW)) ?? '';
    const make = (more: object) =>
      empty.call(null, PATHS.firstAdmin, {
        token,
        user: 'pirmais',
        name: 'Pirmais Testa',
        password: PASSWORD,
        device: { id: deviceId(1), name: 'Galds' },
        ...more,
      });
    const look = (value: string) => empty.call(null, PATHS.firstAdminSites, { token: value });
    expect((await look('cits')).statusCode).toBe(403);
    expect((await look(token)).json()).toEqual({ sites: [] });
    // A missing site leaves the link as it was.
    expect((await make({})).statusCode).toBe(400);
    expect((await make({ site: { name: ' ', code: 'X' } })).statusCode).toBe(400);
    expect((await make({ site: { name: 'Dubulti', code: 'DUB' } })).statusCode).toBe(200);
    const [site] = await empty.store.read((tx) => tx.docsOfKind('site'));
    expect(site).toMatchObject({ siteId: site?.id, fields: { name: 'Dubulti', code: 'DUB', order: 0 } });
    const signedIn = await empty.signIn('pirmais');
    expect(signedIn.user.siteIds).toEqual([site?.id]);
    const [entry] = (await empty.entries('create')).filter(({ kind }) => kind === 'site');
    expect(entry).toMatchObject({ object: site?.id, role: 'service', fields: ['code', 'name', 'order'] });
    expect((await look(token)).statusCode).toBe(403);
    await empty.close();

    const imported = await openService();
    const second = (await issueFirstAdminToken(imported.store, NOW)) ?? '';
    expect((await imported.call(null, PATHS.firstAdminSites, { token: second })).json()).toEqual({
      sites: ['Dubulti', 'Slokas'],
    });
    await imported.close();
  });
});
