import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { APP_ORIGIN } from '@sivis/shared/protocol/contentPolicy.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { PATHS, pullPath } from '@sivis/shared/protocol/paths.ts';
import { registerSyncRoutes } from '../src/http/sync.ts';
import { testId } from '../src/store/contractWorld.ts';
import { openService, OTHER_SITE, PASSWORD, type TestService } from './serviceKit.ts';

const person = (at: number): string => testId(3, at);

/** Doors that only an upgrade opens: tickets and refusals have their tests in live.test.ts and texts.test.ts. */
const SOCKETS = new Set<string>([PATHS.live, PATHS.texts]);

describe('the door', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await openService({ plugins: [registerSyncRoutes] });
    await service.user('anna', 'reception');
  });
  afterEach(() => service.close());

  const codeOf = (reply: { json(): unknown }): string => (reply.json() as { code: string }).code;
  const raw = (payload: string, headers: Record<string, string> = {}) =>
    service.call(null, PATHS.login, undefined, {
      method: 'POST',
      payload,
      headers: { 'content-type': 'application/json', ...headers },
    });

  it('refuses what is no JSON, too deep, too large or of another type, each with its code', async () => {
    expect(codeOf(await raw('{"user":'))).toBe('MALFORMED');
    expect(codeOf(await raw('{"user":"a"}'))).toBe('MALFORMED');
    expect(codeOf(await raw('{"__proto__":{"x":1}}'))).toBe('MALFORMED');
    expect(codeOf(await raw('{"constructor":{"prototype":{}}}'))).toBe('MALFORMED');
    expect(codeOf(await raw(`${'['.repeat(40)}${']'.repeat(40)}`))).toBe('TOO_DEEP');
    expect(codeOf(await raw('['.repeat(500_000)))).toBe('MALFORMED');
    expect(codeOf(await raw(`"${'x'.repeat(1_100_000)}"`))).toBe('TOO_LARGE');
    expect(codeOf(await raw('a=b', { 'content-type': 'application/x-www-form-urlencoded' }))).toBe(
      'UNSUPPORTED_MEDIA',
    );
    expect(codeOf(await raw(''))).toBe('MALFORMED');
    expect(codeOf(await service.call(null, '/api/nav'))).toBe('NOT_FOUND');
    expect(codeOf(await service.call(null, '/nav'))).toBe('NOT_FOUND');
  });

  it('answers in Latvian, and in English when asked, with the number of the request', async () => {
    const lv = (await raw('{')).json<{ message: string; requestId: string }>();
    const en = (await raw('{', { 'accept-language': 'en-GB' })).json<{ message: string }>();
    expect(lv.message).toContain('Nekas nav mainīts');
    expect(en.message).toContain('Nothing was changed');
    expect(lv.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('asks for a session on every route that does not say that it needs none', async () => {
    const open = new Set<string>([
      PATHS.hello,
      PATHS.enrol,
      PATHS.login,
      PATHS.refresh,
      PATHS.firstAdmin,
      PATHS.firstAdminSites,
      PATHS.totpBegin,
      PATHS.oidcBegin,
      PATHS.oidcFinish,
      PATHS.erased,
    ]);
    const routes = Object.values(PATHS).filter((route) => !SOCKETS.has(route) && !open.has(route));
    for (const route of [...routes, pullPath('people')]) {
      const get = await service.call(null, route);
      const post = await service.call(null, route, {});
      expect([401, 404]).toContain(get.statusCode);
      expect([401, 404]).toContain(post.statusCode);
      expect([get.statusCode, post.statusCode]).toContain(401);
    }
  });

  it('refuses pages of other sites and lets the packaged workstation in', async () => {
    const from = (origin: string) => raw('{}', { origin, host: '127.0.0.1:4310' });
    expect((await from('http://evil.example')).statusCode).toBe(403);
    expect((await from('null')).statusCode).toBe(403);
    expect((await from('http://127.0.0.1:4310')).statusCode).toBe(400);
    const app = await from(APP_ORIGIN);
    expect([app.statusCode, app.headers['access-control-allow-origin']]).toEqual([400, APP_ORIGIN]);
    const preflight = (origin: string) =>
      service.app.inject({
        method: 'OPTIONS',
        url: PATHS.login,
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    expect((await preflight(APP_ORIGIN)).statusCode).toBe(204);
    expect((await preflight('http://evil.example')).statusCode).toBe(403);
  });

  it('forbids browsers to keep, run, frame or guess data', async () => {
    const { headers } = await service.call(await service.signIn('anna'), PATHS.me);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('limits the requests of one device and of no other', async () => {
    const first = await service.signIn('anna');
    const second = await service.signIn('anna', 2);
    let refused = 0;
    for (let at = 0; at < 260; at += 1)
      if ((await service.call(first, PATHS.me)).statusCode === 429) refused += 1;
    expect(refused).toBeGreaterThan(0);
    expect((await service.call(second, PATHS.me)).statusCode).toBe(200);
  });

  it('says that it lives, is ready, and which it is', async () => {
    expect((await service.call(null, '/healthz')).json()).toEqual({ ok: true });
    expect((await service.call(null, '/readyz')).json()).toEqual({ ready: true, reasons: [] });
    expect((await service.call(null, '/version')).json()).toMatchObject({ version: '0.0.0', protocol: 1 });
    const routes = Object.keys((await service.call(null, '/openapi.json')).json<{ paths: object }>().paths);
    for (const route of Object.values(PATHS)) if (!SOCKETS.has(route)) expect(routes).toContain(route);
  });

  it('never writes a name, a code, a body, a password or a token into the log', async () => {
    await service.put(person(1), 'person', {
      familyName: 'Slepenā',
      givenName: 'Zigrīda',
      personalCode: '329999-90011',
    });
    const tokens = await service.signIn('anna');
    await service.call(tokens, PATHS.searchPeople, { text: 'Slepenā 329999', limit: 5 });
    await service.call(tokens, PATHS.personCard, { personId: person(1) });
    await service.call(tokens, PATHS.auditEvents, { events: [{ eventId: 'x', filter: 'Slepenā' }] });
    await service.call(tokens, `/api/nav?q=${encodeURIComponent('Slepenā')}`);
    await service.call(tokens, PATHS.login, { user: 'anna', password: 'nepareiza parole Slepenā' });
    await service.call(tokens, pullPath('people'), { checkpoint: null, limit: 10 });
    await raw('{"user":"Slepenā"');
    const { store } = service;
    store.read = () =>
      Promise.reject(
        Object.assign(new Error('row Slepenā 329999-90011'), { body: { familyName: 'Slepenā' } }),
      );
    await service.call(tokens, PATHS.me);
    const log = service.log();
    expect(log).toContain('"route":"/api/search/people"');
    expect(log).toContain('request failed');
    for (const secret of [
      'Slepen',
      'Zigr',
      '329999',
      PASSWORD,
      'nepareiza',
      tokens.accessToken,
      tokens.refreshToken,
      'Bearer',
    ]) {
      expect(log).not.toContain(secret);
    }
  });

  it('delivers nothing when the log cannot be written', async () => {
    await service.put(person(1), 'person', { familyName: 'Liepa', givenName: 'Ilze' });
    const tokens = await service.signIn('anna');
    const { write } = service.store;
    service.store.write = () => Promise.reject(new SivisError('STORE_FULL'));
    const reply = await service.call(tokens, PATHS.searchPeople, { text: 'Liepa', limit: 5 });
    expect([reply.statusCode, codeOf(reply)]).toEqual([507, 'STORE_FULL']);
    expect(reply.body).not.toContain('Ilze');
    service.store.write = write;
    expect((await service.call(tokens, PATHS.searchPeople, { text: 'Liepa', limit: 5 })).statusCode).toBe(
      200,
    );
  });
});

describe('people outside the replica', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await openService();
    await service.user('anna', 'reception');
    await service.user('kate', 'catering');
    await service.put(person(1), 'person', { familyName: 'Bērziņa', givenName: 'Anna', alerts: ['latex'] });
    await service.put(person(2), 'person', { familyName: 'Bērziņš', givenName: 'Jānis' }, OTHER_SITE);
    await service.put(testId(4, 1), 'stay', {
      personId: person(1),
      reservationId: testId(5, 1),
      arriveDate: '2020-01-01',
      departDate: '2020-01-10',
      state: 'departed',
    });
    await service.put(testId(8, 1), 'contact', {
      personId: person(1),
      contactKind: 'phone',
      value: '26123456',
    });
  });
  afterEach(() => service.close());

  it('are found under rights, with what belongs to them, and the delivery is in the log', async () => {
    const anna = await service.signIn('anna');
    const found = (await service.call(anna, PATHS.searchPeople, { text: 'berzin', limit: 10 })).json<{
      total: number;
      hits: { person: { id: string }; stays: object[]; contacts: object[] }[];
    }>();
    expect(found.total).toBe(1);
    expect(found.hits.map((hit) => [hit.person.id, hit.stays.length, hit.contacts.length])).toEqual([
      [person(1), 1, 1],
    ]);
    const [entry] = await service.entries('replicate');
    expect(entry).toMatchObject({ subjectCount: 1, personal: true, result: 'ok' });
    expect(JSON.stringify(entry)).not.toContain('erzin');
  });

  it('are not there for who may not see them, and the attempt is in the log', async () => {
    const anna = await service.signIn('anna');
    expect((await service.call(anna, PATHS.personCard, { personId: person(1) })).statusCode).toBe(200);
    expect((await service.call(anna, PATHS.personCard, { personId: person(2) })).statusCode).toBe(404);
    expect((await service.call(anna, PATHS.personCard, { personId: person(9) })).statusCode).toBe(404);
    const kate = await service.signIn('kate', 2);
    expect((await service.call(kate, PATHS.searchPeople, { text: 'berzin', limit: 10 })).statusCode).toBe(
      403,
    );
    expect((await service.call(kate, PATHS.personCard, { personId: person(1) })).statusCode).toBe(403);
    expect((await service.entries('refused')).map((entry) => entry.result)).toEqual(['out-of-scope']);
  });
});

describe('the built workstation', () => {
  it('is served with its policy; only the key derivation may compile WebAssembly', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'sivis-static-'));
    mkdirSync(path.join(dir, 'assets'));
    mkdirSync(path.join(dir, 'workers'));
    writeFileSync(path.join(dir, 'index.html'), '<!doctype html>');
    writeFileSync(path.join(dir, 'assets/index-Ab12Cd34.js'), '1');
    writeFileSync(path.join(dir, 'workers/kdf-Ab12Cd34.js'), '1');
    writeFileSync(path.join(dir, '.secret'), 'x');
    const service = await openService({ statics: dir });
    const page = await service.call(null, '/');
    expect(page.statusCode).toBe(200);
    expect(page.headers['cache-control']).toBe('no-cache');
    expect(page.headers['content-security-policy']).toContain("connect-src 'self'");
    expect(page.headers['content-security-policy']).not.toContain('wasm-unsafe-eval');
    const asset = await service.call(null, '/assets/index-Ab12Cd34.js');
    expect(asset.headers['cache-control']).toContain('immutable');
    const worker = await service.call(null, '/workers/kdf-Ab12Cd34.js');
    expect(worker.headers['content-security-policy']).toContain('wasm-unsafe-eval');
    for (const away of ['/.secret', '/../package.json', '/%2e%2e/package.json', '/assets/nav.js']) {
      expect((await service.call(null, away)).statusCode).toBeGreaterThanOrEqual(400);
    }
    await service.close();
    rmSync(dir, { recursive: true, force: true });
  });
});
