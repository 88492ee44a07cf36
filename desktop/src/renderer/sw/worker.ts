import type { Precache, ShellRequest } from './shell.ts';
import { cacheName, outdated, shellFile } from './shell.ts';

/** The same word as in host/shellWorker.ts; an import would tie the worker to a chunk of the page. */
export const ACTIVATE = 'sivis-activate';

interface LifeEvent {
  waitUntil(work: Promise<unknown>): void;
}

interface AnswerEvent<R extends ShellRequest> {
  readonly request: R;
  respondWith(answer: Promise<Response>): void;
}

/** What is needed of the worker's global scope; the project's DOM types have only the page's. */
export interface WorkerScope<R extends ShellRequest> {
  readonly location: { readonly origin: string };
  readonly caches: {
    open(name: string): Promise<{
      addAll(requests: R[]): Promise<void>;
      match(path: string): Promise<Response | undefined>;
    }>;
    keys(): Promise<string[]>;
    delete(name: string): Promise<boolean>;
  };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  fetch(request: R): Promise<Response>;
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: AnswerEvent<R>) => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/**
 * Runs the shell's worker: keeps the built files of one version, all or none, and answers with them whether
 * there is a network or not. A new version waits until a page asks for it (host/shellWorker.ts), so that a
 * page never gets files of two versions.
 * @param freshRequest a request for a path that no cache on the way may answer
 */
export function runShellWorker<R extends ShellRequest>(
  scope: WorkerScope<R>,
  precache: Precache,
  freshRequest: (path: string) => R,
): void {
  const open = () => scope.caches.open(cacheName(precache));

  async function install(): Promise<void> {
    const cache = await open();
    await cache.addAll(precache.files.map(freshRequest));
  }

  async function activate(): Promise<void> {
    const names = outdated(await scope.caches.keys(), precache);
    await Promise.all(names.map((name) => scope.caches.delete(name)));
    await scope.clients.claim();
  }

  async function answer(request: R, file: string): Promise<Response> {
    const cache = await open();
    // The browser may have thrown the cache away.
    return (await cache.match(file)) ?? scope.fetch(request);
  }

  scope.addEventListener('install', (event) => {
    event.waitUntil(install());
  });
  scope.addEventListener('activate', (event) => {
    event.waitUntil(activate());
  });
  scope.addEventListener('fetch', (event) => {
    const file = shellFile(event.request, scope.location.origin, precache);
    if (file !== undefined) event.respondWith(answer(event.request, file));
  });
  scope.addEventListener('message', ({ data }) => {
    if (data === ACTIVATE) void scope.skipWaiting();
  });
}
