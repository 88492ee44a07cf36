import { describe, expect, it } from 'vitest';
import { connectSources, contentPolicy, policyPart, securityHeaders } from './contentPolicy.ts';

function directive(policy: string, name: string): string | undefined {
  return policy.split('; ').find((d) => d.startsWith(`${name} `));
}

describe('content policy', () => {
  it('is the same text for the page until somebody decides otherwise', () => {
    expect(contentPolicy('page', ["'self'"])).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; " +
        "connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; " +
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types sivis svelte-trusted-html",
    );
  });

  it('lets only the key derivation compile WebAssembly, and lets it reach nothing', () => {
    expect(contentPolicy('page', ["'self'"])).not.toContain('wasm');
    const kdf = contentPolicy('kdf-worker', ["'self'"]);
    expect(directive(kdf, 'script-src')).toBe("script-src 'self' 'wasm-unsafe-eval'");
    expect(directive(kdf, 'connect-src')).toBe("connect-src 'none'");
  });

  it.each(['page', 'kdf-worker'] as const)('never allows inline code or eval: %s', (part) => {
    expect(contentPolicy(part, [])).not.toMatch(/unsafe-inline|'unsafe-eval'|data:|\*/);
  });

  it('connects to nothing while no server is known', () => {
    expect(directive(contentPolicy('page', []), 'connect-src')).toBe("connect-src 'none'");
  });

  it.each([
    'https://a.lv; script-src *',
    'https:',
    '*',
    'https://*.lv',
    "'unsafe-inline'",
    'https://a.lv/path',
    'data:',
    'https://a.lv\nx',
  ])('refuses the source %s', (source) => {
    expect(() => contentPolicy('page', [source])).toThrow(TypeError);
  });

  it.each([
    ['https://sivis.example.lv/', ['https://sivis.example.lv', 'wss://sivis.example.lv']],
    ['https://sivis.example.lv:8443/x?y', ['https://sivis.example.lv:8443', 'wss://sivis.example.lv:8443']],
    ['http://127.0.0.1:4310', ['http://127.0.0.1:4310', 'ws://127.0.0.1:4310']],
    ['http://[::1]:4310', ['http://[::1]:4310', 'ws://[::1]:4310']],
  ])('takes the origin of %s', (url, sources) => {
    expect(connectSources(url)).toEqual(sources);
    expect(() => contentPolicy('page', connectSources(url))).not.toThrow();
  });

  it('writes a name in Latvian letters as a policy can hold it', () => {
    const sources = connectSources('https://šķūnis.lv');
    expect(sources[0]).toMatch(/^https:\/\/xn--[a-z0-9-]+\.lv$/);
    expect(() => contentPolicy('page', sources)).not.toThrow();
  });

  it.each(['ftp://a.lv', 'javascript:alert(1)', 'nonsense', 'file:///etc', 'app://sivis'])(
    'takes no origin of %s',
    (url) => {
      expect(() => connectSources(url)).toThrow(TypeError);
    },
  );

  it.each([
    ['/workers/kdf.worker-B1x_2.js', 'kdf-worker'],
    ['/workers/kdf-abc.js', 'kdf-worker'],
    ['/workers/search-abc.js', 'page'],
    ['/assets/kdf-abc.js', 'page'],
    ['/workers/kdf/../../index.html', 'page'],
    ['/workers/kdf.js/x', 'page'],
    ['/', 'page'],
  ])('%s is %s', (pathname, part) => {
    expect(policyPart(pathname)).toBe(part);
  });

  it('sends the other headers too', () => {
    const headers = securityHeaders('page', ["'self'"]);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['permissions-policy']).toContain('camera=()');
    expect(Object.keys(headers)).toContain('content-security-policy');
  });
});
