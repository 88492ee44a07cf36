import { describe, expect, it } from 'vitest';
import { cacheName, outdated, shellFile } from './shell.ts';

const ORIGIN = 'https://sivis.example.lv';
const precache = { version: 'abc', files: ['/', '/assets/index-1.js', '/workers/kdf.worker-2.js'] };

function file(path: string, mode = 'no-cors', method = 'GET') {
  return shellFile({ method, mode, url: new URL(path, ORIGIN).href }, ORIGIN, precache);
}

describe('from the shell', () => {
  it.each(['/assets/index-1.js', '/workers/kdf.worker-2.js'])('comes %s', (path) => {
    expect(file(path)).toBe(path);
  });

  it.each(['/', '/index.html', '/lodging', '/people/0190', '/?x=1'])('comes the page for %s', (path) => {
    expect(file(path, 'navigate')).toBe('/');
  });
});

describe('to the service', () => {
  it.each([
    '/api',
    '/api/me',
    '/api/sync/1/people/pull',
    '/assets/other.js',
    '/assets/index-1.js.map',
    '/favicon.ico',
    '/apidocs',
  ])('goes %s', (path) => {
    expect(file(path)).toBeUndefined();
  });

  it.each(['/api/audit', '/api', '/healthz', '/readyz', '/version', '/metrics', '/report.pdf'])(
    'goes the navigation to %s',
    (path) => {
      expect(file(path, 'navigate')).toBeUndefined();
    },
  );

  it('goes everything that is no read, and every other origin', () => {
    expect(file('/assets/index-1.js', 'cors', 'POST')).toBeUndefined();
    expect(file('https://evil.example/assets/index-1.js')).toBeUndefined();
    expect(file('https://evil.example/', 'navigate')).toBeUndefined();
    expect(shellFile({ method: 'GET', mode: 'cors', url: 'nonsense' }, ORIGIN, precache)).toBeUndefined();
  });
});

it('throws away shells of other versions and nobody else’s caches', () => {
  expect(outdated(['sivis-shell-abc', 'sivis-shell-old', 'other'], precache)).toEqual(['sivis-shell-old']);
  expect(cacheName(precache)).toBe('sivis-shell-abc');
});
