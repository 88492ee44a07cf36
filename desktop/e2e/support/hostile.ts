import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test as base } from '@playwright/test';
import { type ElectronModule, RUNTIME, startWorkstation, type Workstation } from './workstation.ts';

/** A web server that writes down who came. */
export interface Server {
  readonly url: string;
  readonly visits: string[];
}

/** A workstation at its sign-in, the service it is told of, and a server that it must never reach. */
export interface Bench extends Workstation {
  readonly service: Server;
  readonly evil: Server;
  /** Loads our page anew, as the next check wants to find it. */
  fresh(): Promise<void>;
  /** Takes the content policy away, so that what main does alone is seen. */
  withoutPolicy(): Promise<void>;
}

async function serve(redirect?: () => string): Promise<Server & { readonly close: () => void }> {
  const visits: string[] = [];
  const server = http.createServer((request, reply) => {
    visits.push(request.url ?? '');
    const away = request.url === '/redirect' ? redirect?.() : undefined;
    if (away !== undefined) reply.setHeader('location', away);
    reply.writeHead(away === undefined ? 200 : 302, {
      'access-control-allow-origin': '*',
      'content-type': 'text/html',
    });
    reply.end('<h1>another page</h1>');
  });
  server.on('upgrade', (request, socket) => {
    visits.push(request.url ?? '');
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    visits,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** `app:` as the page has to write it on what it runs on. */
export function local(address: string): string {
  if (RUNTIME === 'electron') return address;
  return address.replace(/^app:\/\/([^/]*)/, (_whole, host: string) => `https://${host}.app.shim`);
}

/** One workstation for all tests of a file: none of them may change it. */
export const test = base.extend<object, { bench: Bench }>({
  bench: [
    async ({}, use) => {
      const home = await mkdtemp(path.join(os.tmpdir(), 'sivis-hostile-'));
      const evil = await serve();
      const service = await serve(() => `${evil.url}/redirected`);
      const workstation = await startWorkstation({ home, serviceUrl: service.url });
      const { page, context } = workstation;
      await page.waitForURL(/^(?:https|app):/);
      const session = await context.newCDPSession(page);
      const load = async (bypass: boolean): Promise<void> => {
        await session.send('Page.setBypassCSP', { enabled: bypass });
        await workstation.evaluate(async ({ BrowserWindow }) => {
          await BrowserWindow.getAllWindows()[0]?.loadURL('app://sivis/');
        });
        await page.getByRole('heading', { level: 1 }).waitFor();
        evil.visits.length = 0;
      };
      await use(
        Object.assign(workstation, {
          service,
          evil,
          fresh: () => load(false),
          withoutPolicy: () => load(true),
        }),
      );
      await workstation.kill();
      evil.close();
      service.close();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
    { scope: 'worker' },
  ],
});

/** The window's preferences, as Electron says they are. */
export function preferences(bench: Bench): Promise<Readonly<Record<string, unknown>>> {
  return bench.evaluate(({ BrowserWindow }: ElectronModule) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Readonly<Record<string, unknown>>;
    };
    return contents.getLastWebPreferences();
  });
}

/** Emits one of Electron's guarding events on the window. @returns whether main stopped it */
export function stoppedByMain(bench: Bench, event: string, url: string): Promise<boolean> {
  return bench.evaluate(
    ({ BrowserWindow }, [name, address]) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        emit(name: string, details: object): void;
      };
      let stopped = false;
      contents.emit(name, {
        url: address,
        preventDefault: () => {
          stopped = true;
        },
      });
      return stopped;
    },
    [event, url] as const,
  );
}
