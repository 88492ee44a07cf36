import { describe, expect, it, vi } from 'vitest';
import { ACTIVATE as PAGE_WORD } from '../host/shellWorker.ts';
import type { ShellRequest } from './shell.ts';
import type { WorkerScope } from './worker.ts';
import { ACTIVATE, runShellWorker } from './worker.ts';

const ORIGIN = 'https://sivis.example.lv';
const precache = { version: 'new', files: ['/', '/assets/a.js'] };

/** A browser with caches and, while `online`, a server. */
function world() {
  const stores = new Map<string, Map<string, Response>>([
    ['sivis-shell-old', new Map()],
    ['other', new Map()],
  ]);
  const state = { online: true, missing: '' };
  const listeners = new Map<string, (event: never) => void>();
  const fetched: string[] = [];
  const server = async (url: string) => {
    const { pathname } = new URL(url, ORIGIN);
    if (!state.online) throw new TypeError('Failed to fetch');
    fetched.push(pathname);
    return new Response(`server ${pathname}`, { status: pathname === state.missing ? 404 : 200 });
  };
  const skipWaiting = vi.fn(async () => undefined);
  const claim = vi.fn(async () => undefined);
  const scope: WorkerScope<ShellRequest> = {
    location: { origin: ORIGIN },
    caches: {
      open: async (name) => {
        const store = stores.get(name) ?? new Map<string, Response>();
        stores.set(name, store);
        return {
          addAll: async (requests) => {
            const answers = await Promise.all(requests.map((r) => server(r.url)));
            if (answers.some((a) => !a.ok)) throw new TypeError('Request failed');
            requests.forEach((r, i) => store.set(new URL(r.url, ORIGIN).pathname, answers[i]!));
          },
          match: async (path) => store.get(path)?.clone(),
        };
      },
      keys: async () => [...stores.keys()],
      delete: async (name) => stores.delete(name),
    },
    clients: { claim },
    skipWaiting,
    fetch: (request) => server(request.url),
    addEventListener: (type: string, listener: (event: never) => void) => {
      listeners.set(type, listener);
    },
  };
  runShellWorker(scope, precache, (path) => ({ method: 'GET', mode: 'cors', url: `${ORIGIN}${path}` }));
  const life = async (type: string) => {
    let work: Promise<unknown> = Promise.resolve();
    listeners.get(type)!({ waitUntil: (w: Promise<unknown>) => (work = w) } as never);
    await work;
  };
  const get = async (path: string, mode = 'no-cors') => {
    let answer: Promise<Response> | undefined;
    const request = { method: 'GET', mode, url: `${ORIGIN}${path}` };
    listeners.get('fetch')!({ request, respondWith: (a: Promise<Response>) => (answer = a) } as never);
    return answer === undefined ? 'passed on' : (await answer).text();
  };
  const say = (data: unknown) => {
    listeners.get('message')!({ data } as never);
  };
  return { stores, state, fetched, life, get, say, skipWaiting, claim };
}

describe('worker of the shell', () => {
  it('answers without a network what it kept, and the page for every screen', async () => {
    const w = world();
    await w.life('install');
    await w.life('activate');
    w.state.online = false;
    expect(await w.get('/assets/a.js')).toBe('server /assets/a.js');
    expect(await w.get('/lodging', 'navigate')).toBe('server /');
    expect(await w.get('/api/me')).toBe('passed on');
    expect(await w.get('/assets/unknown.js')).toBe('passed on');
  });

  it('throws away older shells when it takes over, not before', async () => {
    const w = world();
    await w.life('install');
    expect(w.stores.has('sivis-shell-old')).toBe(true);
    await w.life('activate');
    expect([...w.stores.keys()].sort()).toEqual(['other', 'sivis-shell-new']);
    expect(w.claim).toHaveBeenCalledOnce();
  });

  it('keeps all files or fails as a whole', async () => {
    const w = world();
    w.state.missing = '/assets/a.js';
    await expect(w.life('install')).rejects.toThrow(TypeError);
    expect(w.stores.get('sivis-shell-new')?.size).toBe(0);
  });

  it('asks the service when the browser has thrown the cache away', async () => {
    const w = world();
    await w.life('install');
    w.stores.clear();
    expect(await w.get('/', 'navigate')).toBe('server /');
  });

  it('takes over when a page asks with the agreed word, and only then', async () => {
    const w = world();
    await w.life('install');
    expect(w.skipWaiting).not.toHaveBeenCalled();
    w.say('something');
    expect(w.skipWaiting).not.toHaveBeenCalled();
    w.say(PAGE_WORD);
    expect(w.skipWaiting).toHaveBeenCalledOnce();
    expect(ACTIVATE).toBe(PAGE_WORD);
  });

  it('stores no answer of the service', async () => {
    const w = world();
    await w.life('install');
    await w.get('/api/sync/1/people/pull');
    await w.get('/', 'navigate');
    const kept = [...w.stores.values()].flatMap((store) => [...store.keys()]);
    expect(kept.sort()).toEqual(['/', '/assets/a.js']);
  });
});
