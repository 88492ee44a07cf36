import { afterEach, describe, expect, it, vi } from 'vitest';
import { isWorkerScript } from './trustedTypes.ts';

const PAGES = ['app://sivis/lodging?x=1', 'https://sivis.example.lv/people/1'];

describe('worker scripts', () => {
  it.each(PAGES)('are built files of the origin of %s', (page) => {
    expect(isWorkerScript('/workers/kdf.worker-B_1.js', page)).toBe(true);
    expect(isWorkerScript('/sw.js', page)).toBe(true);
    expect(isWorkerScript(new URL('/workers/a.js', page).href, page)).toBe(true);
  });

  it.each([
    'https://evil.example/workers/a.js',
    '//evil.example/sw.js',
    'data:text/javascript,1',
    'blob:https://sivis.example.lv/1',
    'javascript:1',
    '/assets/index.js',
    '/workers/a.js?x=1',
    '/workers/../api/x.js',
    '/api/sw.js',
    '/workers/a.mjs',
    'https://sivis.example.lv@evil.example/sw.js',
    'https://user@sivis.example.lv/sw.js',
    '',
  ])('are not %j', (url) => {
    for (const page of PAGES) expect(isWorkerScript(url, page)).toBe(false);
  });
});

describe('policy', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it('is made once, under the name that the content policy allows', async () => {
    const createPolicy = vi.fn((_name: string, rules: { createScriptURL: (url: string) => string }) => rules);
    vi.stubGlobal('trustedTypes', { createPolicy });
    vi.stubGlobal('location', { href: 'https://sivis.example.lv/x' });
    const { workerUrl } = await import('./trustedTypes.ts');
    expect(workerUrl('/sw.js')).toBe('https://sivis.example.lv/sw.js');
    expect(workerUrl(new URL('https://sivis.example.lv/workers/a.js'))).toBe(
      'https://sivis.example.lv/workers/a.js',
    );
    expect(() => workerUrl('https://evil.example/sw.js')).toThrow(TypeError);
    expect(createPolicy).toHaveBeenCalledTimes(1);
    expect(createPolicy.mock.calls[0]![0]).toBe('sivis');
  });

  it('keeps the rule where the browser has no Trusted Types', async () => {
    vi.stubGlobal('location', { href: 'https://sivis.example.lv/x' });
    const { workerUrl } = await import('./trustedTypes.ts');
    expect(() => workerUrl('https://evil.example/sw.js')).toThrow(TypeError);
  });
});
