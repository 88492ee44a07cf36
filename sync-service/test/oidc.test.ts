import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Tokens } from '@sivis/shared/protocol/messages/signIn.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { createOidc, type OidcSettings } from '../src/identity/oidc.ts';
import { startProvider, type TestProvider } from './provider.ts';
import { deviceId, openService, OTHER_SITE, PASSWORD, SITE, type TestService } from './serviceKit.ts';

const LOOPBACK = 'http://127.0.0.1:5999/oidc';

describe('sign-in with an account of the organisation', () => {
  let provider: TestProvider;
  let service: TestService;
  const settings = (more: Partial<OidcSettings> = {}): OidcSettings => ({
    issuer: provider.issuer,
    clientId: provider.clientId,
    clientSecret: '',
    label: 'Testa konts',
    groupClaim: 'groups',
    roles: ['sivis-it=it', 'sivis-registratura=reception@TST', 'sivis-vaditaji=dutyManager'],
    acr: '',
    ...more,
  });
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.stop());
  beforeEach(async () => {
    // The provider's tokens are of now; so must the service be.
    service = await openService({}, { oidc: createOidc(settings()) });
    service.clock.nowMs = Date.now();
    await service.put(SITE, 'site', { name: 'Dubulti', code: 'TST' });
    await service.put(OTHER_SITE, 'site', { name: 'Slokas', code: 'SLO' }, OTHER_SITE);
    await service.user('anna', 'reception');
  });
  afterEach(() => service.close());

  const desk = (device: number) => ({ id: deviceId(device), name: 'Galds' });
  const begin = async (device = 1, redirect: string | null = LOOPBACK) =>
    (
      await service.call(null, PATHS.oidcBegin, {
        device: desk(device),
        ...(redirect === null ? {} : { redirect }),
      })
    ).json<{ url: string; state: string }>();
  const finish = (state: string, answer?: string, device = 1) =>
    service.call(null, PATHS.oidcFinish, {
      state,
      device: desk(device),
      ...(answer === undefined ? {} : { answer }),
    });
  const enter = async (login: string) => {
    const { url, state } = await begin();
    return finish(state, (await provider.walk(url, login)).query);
  };
  const codeOf = (reply: { json(): unknown }): string => (reply.json() as { code: string }).code;

  it('is told of at the first word, and asks for a code with PKCE (S256)', async () => {
    const hello = await service.call(null, PATHS.hello, { device: { id: deviceId(1) } });
    expect(hello.json()).toMatchObject({ oidc: 'Testa konts' });
    const asked = new URL((await begin()).url).searchParams;
    expect(asked.get('code_challenge_method')).toBe('S256');
    expect(asked.get('response_type')).toBe('code');
    expect([asked.get('state'), asked.get('nonce')].every((value) => (value ?? '').length > 20)).toBe(true);
  });

  it('makes the user by issuer and subject, with role and sites of the group, and brings him up to date', async () => {
    provider.groups.set('zane', ['other', 'sivis-registratura']);
    const first = (await enter('zane')).json<Tokens>();
    expect(first.user).toMatchObject({
      user: 'zane',
      name: 'Vārds zane',
      role: 'reception',
      siteIds: [SITE],
    });
    expect((await service.call(first, PATHS.me)).statusCode).toBe(200);
    provider.groups.set('zane', ['sivis-vaditaji']);
    const second = (await enter('zane')).json<Tokens>();
    expect(second.user).toMatchObject({ id: first.user.id, role: 'dutyManager' });
    expect([...second.user.siteIds].sort()).toEqual([SITE, OTHER_SITE].sort());
    expect((await service.store.read((tx) => tx.formerRights(first.user.id)))[0]).toMatchObject({
      role: 'reception',
    });
    expect(
      (await service.call(null, PATHS.login, { user: 'zane', password: PASSWORD, device: desk(1) }))
        .statusCode,
    ).toBe(401);
  });

  it('never takes a local account over by its name', async () => {
    provider.groups.set('anna', ['sivis-registratura']);
    const { user } = (await enter('anna')).json<Tokens>();
    expect(user.user).toMatch(/^anna-[0-9a-f]{8}$/);
    expect(user.id).not.toBe((await service.store.read((tx) => tx.userByName('anna')))?.id);
  });

  it('refuses who has no group with rights, and who was disabled', async () => {
    provider.groups.set('liga', ['other']);
    expect(codeOf(await enter('liga'))).toBe('OIDC_NO_ROLE');
    provider.groups.set('liga', ['sivis-it']);
    const { user } = (await enter('liga')).json<Tokens>();
    const row = await service.store.read((tx) => tx.user(user.id));
    if (row !== undefined) await service.store.write((tx) => tx.putUser({ ...row, disabled: true }));
    expect(codeOf(await enter('liga'))).toBe('FORBIDDEN');
    expect((await service.entries('signInFailed')).map(({ result }) => result)).toEqual([
      'oidc-no-role',
      'user-disabled',
    ]);
  });

  it('is finished only by the desk that began it, once, with the answer that belongs to it', async () => {
    provider.groups.set('ilze', ['sivis-registratura']);
    const own = await begin();
    const { query } = await provider.walk(own.url, 'ilze');
    expect(codeOf(await finish('unknown-state', query))).toBe('OIDC_FAILED');
    expect(codeOf(await finish(own.state, query, 2))).toBe('OIDC_FAILED');
    expect(codeOf(await finish(own.state, query))).toBe('OIDC_FAILED');
    const one = await begin();
    const other = await begin();
    const crossed = await provider.walk(one.url, 'ilze');
    expect(codeOf(await finish(other.state, crossed.query))).toBe('OIDC_FAILED');
    const code = new URLSearchParams(crossed.query);
    code.set('code', 'forged');
    expect(codeOf(await finish(one.state, code.toString()))).toBe('OIDC_FAILED');
  });

  it('comes back to the service’s own address in a browser, where the desk finishes it', async () => {
    provider.groups.set('ilze', ['sivis-registratura']);
    const { url, state } = await begin(1, null);
    const asked = new URL(url);
    expect(asked.searchParams.get('redirect_uri')).toBe('http://localhost/api/auth/oidc/callback');
    const bad = await service.app.inject({
      method: 'GET',
      url: `/api/auth/oidc/callback?state=${state}&error=access_denied`,
    });
    expect([bad.statusCode, bad.headers['location']]).toEqual([302, `/#/oidc/${state}`]);
    expect(codeOf(await finish(state))).toBe('OIDC_FAILED');
  });

  it('demands the configured authentication context', async () => {
    const strict = await openService({}, { oidc: createOidc(settings({ acr: 'urn:strong' })) });
    strict.clock.nowMs = Date.now();
    provider.groups.set('ilze', ['sivis-registratura']);
    const begun = (await strict.call(null, PATHS.oidcBegin, { device: desk(1), redirect: LOOPBACK })).json<{
      url: string;
      state: string;
    }>();
    expect(new URL(begun.url).searchParams.get('acr_values')).toBe('urn:strong');
    const { query } = await provider.walk(begun.url, 'ilze');
    const reply = await strict.call(null, PATHS.oidcFinish, {
      state: begun.state,
      device: desk(1),
      answer: query,
    });
    expect(codeOf(reply)).toBe('OIDC_FAILED');
    await strict.close();
  });

  it('is not there unless it is configured; a mapping that cannot be read ends the start', async () => {
    const plain = await openService();
    expect((await plain.call(null, PATHS.oidcBegin, { device: desk(1) })).statusCode).toBe(404);
    await plain.close();
    expect(() => createOidc(settings({ roles: ['x'] }))).toThrow('oidc_roles');
    expect(() => createOidc(settings({ roles: ['x=ceo'] }))).toThrow('oidc_roles');
  });
});
