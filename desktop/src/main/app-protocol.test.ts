import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APP_PRIVILEGES, createAppHandler, fileOf } from './app-protocol.ts';

describe('the file of an address', () => {
  it.each([
    ['app://sivis/', 'index.html'],
    ['app://sivis', 'index.html'],
    ['app://sivis/lodging', 'index.html'],
    ['app://sivis/people/0190-abc?x=1#y', 'index.html'],
    ['app://sivis/assets/index-B1.js', 'assets/index-B1.js'],
    ['app://sivis/workers/kdf.worker-x.js', 'workers/kdf.worker-x.js'],
    ['app://sivis/assets/a/../b.js', 'assets/b.js'],
    ['app://sivis/%61ssets/b.css', 'assets/b.css'],
    // The parser itself keeps '..' inside the root.
    ['app://sivis/../../secret.js', 'secret.js'],
  ])('%s is %s', (url, file) => {
    expect(fileOf(url)).toBe(file);
  });

  it.each([
    'https://sivis/index.html',
    'app://evil/index.html',
    'app://sivis/%2e%2e%2f%2e%2e%2fetc/passwd.txt',
    'app://sivis/..%2f..%2fetc%2fpasswd.txt',
    'app://sivis/..%5c..%5cwindows.txt',
    'app://sivis/%252e%252e/secret.js',
    'app://sivis/%c0%ae%c0%ae/secret.js',
    'app://sivis/%00.js',
    'app://sivis/a%00.html',
    'app://sivis/C:/Windows/x.js',
    'app://sivis/file.js::$DATA.js',
    'app://sivis//server/share/x.js',
    'app://sivis/.vite/manifest.json',
    'app://sivis/.env',
    'app://sivis/index.js.map',
    'app://sivis/app.asar',
    'app://sivis/x.exe',
    'app://sivis/%',
  ])('%s is none', (url) => {
    expect(fileOf(url)).toBeUndefined();
  });
});

describe('handler', () => {
  let base: string;
  let handle: ReturnType<typeof createAppHandler>;
  const connect = ['https://sivis.example.lv', 'wss://sivis.example.lv'];

  beforeAll(() => {
    base = mkdtempSync(path.join(tmpdir(), 'sivis-app-'));
    mkdirSync(path.join(base, 'renderer/workers'), { recursive: true });
    mkdirSync(path.join(base, 'renderer-other'));
    writeFileSync(path.join(base, 'secret.txt'), 'secret');
    writeFileSync(path.join(base, 'renderer-other/x.txt'), 'secret');
    writeFileSync(path.join(base, 'renderer/index.html'), '<!doctype html>');
    writeFileSync(path.join(base, 'renderer/workers/kdf-1.js'), '1');
    handle = createAppHandler(path.join(base, 'renderer'), () => connect);
  });
  afterAll(() => {
    rmSync(base, { recursive: true });
  });

  const get = (url: string, method = 'GET') => handle({ url, method });

  it('serves the page with the policy', async () => {
    const response = await get('app://sivis/');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).toContain('connect-src https://sivis.example.lv wss://sivis.example.lv;');
    expect(policy).not.toContain('wasm');
    expect(await response.text()).toBe('<!doctype html>');
  });

  it('lets WebAssembly into the key derivation only', async () => {
    const response = await get('app://sivis/workers/kdf-1.js');
    expect(response.headers.get('content-security-policy')).toContain("'wasm-unsafe-eval'");
  });

  it.each(['app://sivis/missing.js', 'app://sivis/..%2fsecret.txt', 'app://evil/', 'app://sivis/secret.txt'])(
    'has nothing at %s, and says so with the policy',
    async (url) => {
      const response = await get(url);
      expect(response.status).toBe(404);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(await response.text()).toBe('');
    },
  );

  it('answers reads only', async () => {
    expect((await get('app://sivis/', 'POST')).status).toBe(405);
    const head = await get('app://sivis/', 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});

it('asks for no privilege that weakens the page', () => {
  expect(APP_PRIVILEGES).toEqual({
    scheme: 'app',
    privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true, codeCache: true },
  });
});
