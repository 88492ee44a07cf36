import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import type { Server as TlsServer } from 'node:tls';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import type { Clock } from '@sivis/shared/time/clock.ts';
import type { RoutePlugin, ServiceDeps } from '../http/deps.ts';
import { createLogger } from '../http/log.ts';
import { notReadyReasons } from '../http/health.ts';
import { createMetrics, serveMetrics, type Metrics } from '../http/metrics.ts';
import { buildServer } from '../http/server.ts';
import { issueFirstAdminToken } from '../identity/firstAdmin.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import { attachLive, type Live } from '../live/live.ts';
import type { Store } from '../store/store.ts';
import { adminSocketPath, isLock, takeLock } from './lock.ts';
import { openAdminSocket } from './adminSocket.ts';
import { isLoopback, type Config } from './config.ts';
import { oidcOf, totpPolicyOf } from './identitySettings.ts';
import { checkListeners, readTls } from './listeners.ts';
import { openDataFolder } from './dataFolder.ts';
import { DEMO_META, type CommandHandler, type EnsureDemo } from './seam.ts';
import { openTransparency, type OpenTransparency } from './transparency.ts';
import { VERSION } from './version.ts';
import { keepWindow } from './windowRoll.ts';

export interface ServeOptions {
  readonly dataDir: string;
  readonly config: Config;
  readonly handlers: ReadonlyMap<string, CommandHandler>;
  readonly clock: Clock;
  /** Called when the service serves, before it says so: takes over signals. */
  readonly onServing: (serving: Serving) => void;
  /** One line of standard output. */
  readonly print: (line: string) => void;
  readonly ensureDemo: EnsureDemo;
  readonly plugins: readonly RoutePlugin[];
  readonly log?: Logger;
}

export interface Serving {
  readonly url: string;
  /** SIGHUP means a new certificate, not the end. */
  readonly renews: boolean;
  /** Stops gracefully: not ready, no new requests, live sockets told, store closed. */
  stop(): Promise<void>;
}

export type ServeResult = { readonly serving: Serving } | { readonly exit: 1 | 75; readonly words: string };

async function prepareDemo(
  store: Store,
  options: ServeOptions,
): Promise<{ accounts: readonly object[] } | { words: string }> {
  const { config } = options;
  const marked = (await store.read((tx) => tx.meta(DEMO_META))) === '1';
  if (!config.demo && !marked) return { accounts: [] };
  if (!isLoopback(config.host)) {
    return {
      words:
        'Demonstrācijas dati ir tikai šim datoram: norādiet --host 127.0.0.1 vai citu datu mapi (--data).',
    };
  }
  if (!config.demo) return { accounts: [] };
  const inUse =
    !marked && (await store.read(async (tx) => (await tx.users()).length > 0 || (await tx.headSeq()) > 0));
  if (inUse) {
    return {
      words:
        'Šajā datu mapē ir īsti dati, demonstrācijas dati tajā netiek likti. Norādiet --no-demo vai citu mapi (--data).',
    };
  }
  const { accounts } = await options.ensureDemo(store, { clock: options.clock, dataDir: options.dataDir });
  await store.write((tx) => tx.setMeta(DEMO_META, '1'));
  return { accounts };
}

function originFor(host: string, port: number, scheme: 'http' | 'https'): string {
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${shown}:${port}`;
}

/**
 * Runs the service: takes the lock of the data folder, opens the store, listens, prints one line `ready`. Exit 75 and
 * a line `locked` when another process holds the folder.
 */
export async function serve(options: ServeOptions): Promise<ServeResult> {
  const { dataDir, config, clock, print } = options;
  const log = options.log ?? createLogger(config.log_level);
  // Read before anything is opened: a mistake in it ends the start.
  checkListeners(config);
  const tls = readTls(config);
  const oidc = oidcOf(config);
  const lock = await takeLock(dataDir);
  if (!isLock(lock)) {
    print(JSON.stringify({ event: 'locked', url: lock.url }));
    return { exit: 75, words: 'Datu mapi jau lieto cits process.' };
  }
  let folder;
  try {
    folder = await openDataFolder(dataDir, config.database_url);
  } catch (error) {
    lock.release();
    throw error;
  }
  const { store, keys, audit } = folder;
  const opened: { transparency?: OpenTransparency } = {};
  const giveUp = async (words: string): Promise<ServeResult> => {
    await opened.transparency?.stop();
    await store.close();
    lock.release();
    return { exit: 1, words };
  };

  const demo = await prepareDemo(store, options);
  if ('words' in demo) return giveUp(demo.words);
  const transparency = await openTransparency(store, audit, clock, log, dataDir, config).catch(
    async (error: unknown) => {
      await giveUp('');
      throw error;
    },
  );
  opened.transparency = transparency;
  let stopping = false;
  const live: { current?: Live } = {};
  const counted: { metrics?: Metrics } = {};
  const deps: ServiceDeps = {
    store,
    clock,
    keys,
    audit,
    transparency,
    version: VERSION,
    dataDir,
    addressAttempts: config.sign_ins_per_minute,
    openEnrolment: config.demo && config.open_enrolment === 'demo',
    totpPolicy: totpPolicyOf(config),
    offlineMs: config.offline_hours * 3_600_000,
    oidc,
    publicUrl: config.public_url,
    accessChanged: () => live.current?.accessChanged(),
    stopping: () => stopping,
  };
  if (config.metrics_port > 0)
    counted.metrics = createMetrics({
      store,
      clock,
      version: VERSION,
      dataDir,
      publisher: transparency.publisher,
      sockets: () => live.current?.size() ?? 0,
      notReady: () => notReadyReasons(deps),
    });
  if (config.static !== '' && !existsSync(config.static))
    log.warn('the folder of the workstation does not exist');
  const app = await buildServer({
    deps: { ...deps, ...counted },
    log,
    trustedProxies: config.trusted_proxies,
    plugins: options.plugins,
    ...(tls === undefined ? {} : { tls }),
    ...(config.static !== '' && existsSync(config.static) ? { statics: config.static } : {}),
  });
  try {
    await app.listen({ port: config.port, host: config.host });
  } catch (error) {
    await app.close();
    if ((error as { code?: string }).code === 'EADDRINUSE')
      return giveUp(`Ports ${config.port} ir aizņemts.`);
    await giveUp('');
    throw error;
  }
  const renewCertificate = (): void => {
    try {
      const fresh = readTls(config);
      if (fresh === undefined) return;
      (app.server as unknown as TlsServer).setSecureContext({ ...fresh, minVersion: 'TLSv1.2' });
      log.info('the certificate was read anew');
    } catch (error) {
      log.error({ err: error }, 'the certificate could not be read; the one before is used on');
    }
  };
  if (tls !== undefined) process.on('SIGHUP', renewCertificate);
  let scraped: Awaited<ReturnType<typeof serveMetrics>> | undefined;
  if (counted.metrics !== undefined) {
    try {
      scraped = await serveMetrics(counted.metrics, config.metrics_host, config.metrics_port);
    } catch {
      await app.close();
      return giveUp(`/metrics: ports ${config.metrics_port} ir aizņemts.`);
    }
  }
  live.current = attachLive(app.server, { store, clock, keys, audit, log });
  const { port } = app.server.address() as AddressInfo;
  const url = originFor(config.host, port, tls === undefined ? 'http' : 'https');
  const adminAddress = adminSocketPath(dataDir);
  const admin = await openAdminSocket(adminAddress, options.handlers, {
    store,
    clock,
    audit,
    transparency,
    dataDir,
    accessChanged: deps.accessChanged,
  });
  lock.announce(adminAddress, url);
  const windowRoll = await keepWindow(store, clock, log);
  if (!isLoopback(config.host) && tls === undefined)
    log.warn('listening beyond this computer without TLS: put a proxy with TLS before it');

  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= (async () => {
      stopping = true;
      log.info('stopping');
      windowRoll.stop();
      process.removeListener('SIGHUP', renewCertificate);
      await scraped?.close();
      await live.current?.close();
      await app.close();
      await admin.close();
      await transparency.stop();
      await store.close();
      lock.release();
      log.info('stopped');
    })();
    return stopped;
  };
  // Before anybody is told: whoever reads `ready` may stop the service at once.
  const serving: Serving = { url, renews: tls !== undefined, stop };
  options.onServing(serving);

  const token = config.demo ? null : await issueFirstAdminToken(store, clock.now());
  print(
    JSON.stringify({
      event: 'ready',
      url,
      accounts: demo.accounts,
      // In the fragment, so that it reaches no log of any server.
      adminLink: token === null ? null : `${url}/#/pirmais/${token}`,
      demo: config.demo,
    }),
  );
  log.info({ url, version: VERSION, demo: config.demo }, 'ready');
  return { serving };
}

/** Stops on SIGTERM, SIGINT and on an error nobody caught; the second signal ends the process at once. */
export function stopOnSignals(serving: Serving, log: Logger): void {
  const skip = serving.renews ? (['SIGHUP'] as const) : [];
  closeWithGrace({ delay: SERVICE_LIMITS.stopMs, logger: false, skip: [...skip] }, async ({ err }) => {
    if (err !== undefined) log.fatal({ err }, 'unexpected error');
    await serving.stop();
  });
}
