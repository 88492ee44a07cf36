import { existsSync, readdirSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { PushRowResult } from '@sivis/shared/protocol/messages/sync.ts';
import type { Clock } from '@sivis/shared/time/clock.ts';
import type { Publisher } from '../audit/publisher.ts';
import type { Store } from '../store/store.ts';

/** What happens in the service, counted. Labels are routes, classes of status and outcomes: never people, never desks. */
export interface Metrics {
  /** @param route the route's pattern; '' where there is none */
  request(method: string, route: string, status: number, seconds: number): void;
  pushed(rows: readonly PushRowResult[]): void;
  /** The text that Prometheus reads. */
  text(): Promise<string>;
}

/** What is looked at when somebody asks. */
export interface MetricsSources {
  readonly store: Store;
  readonly clock: Clock;
  readonly version: string;
  readonly dataDir: string;
  readonly publisher?: Publisher;
  readonly sockets: () => number;
  readonly notReady: () => Promise<readonly string[]>;
}

/** Requests are answered in milliseconds; a push of a day's work takes seconds. */
const SECONDS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** The newest copy below the folder, and when it was made, ms; undefined without one. */
export function newestBackup(
  dataDir: string,
): { readonly folder: string; readonly atMs: number } | undefined {
  const backups = path.join(dataDir, 'backups');
  if (!existsSync(backups)) return undefined;
  return readdirSync(backups, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(backups, entry.name))
    .filter((folder) => existsSync(path.join(folder, 'manifest.json')))
    .map((folder) => ({ folder, atMs: statSync(path.join(folder, 'manifest.json')).mtimeMs }))
    .sort((a, b) => b.atMs - a.atMs)[0];
}

export function createMetrics(sources: MetricsSources): Metrics {
  const { store, clock, publisher, dataDir } = sources;
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  // Gauges named like counters: Prometheus's own check refuses them.
  for (const kind of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`nodejs_active_${kind}_total`);
  const requests = new Counter({
    name: 'sivis_http_requests_total',
    help: 'Requests that were answered.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'sivis_http_request_duration_seconds',
    help: 'Time until a request was answered.',
    labelNames: ['route'],
    buckets: SECONDS,
    registers,
  });
  const operations = new Counter({
    name: 'sivis_push_operations_total',
    help: 'Operations of workstations by what came of them.',
    labelNames: ['outcome'],
    registers,
  });
  /** A figure that is looked up when it is asked for; left out when it is not known. */
  const gauge = (name: string, help: string, read: () => Promise<number | undefined>): void => {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const value = await read().catch(() => undefined);
        this.reset();
        if (value !== undefined) this.set(value);
        else this.remove();
      },
    });
  };
  new Gauge({
    name: 'sivis_info',
    help: 'Always 1; the version is the label.',
    labelNames: ['version'],
    registers,
  }).set({ version: sources.version }, 1);
  gauge('sivis_ready', '1 when the service may get requests.', async () =>
    (await sources.notReady()).length === 0 ? 1 : 0,
  );
  gauge('sivis_live_sockets', 'Workstations that hear of changes at once.', async () => sources.sockets());
  gauge('sivis_disk_free_ratio', 'Free part of the disk of the data folder.', async () => {
    const disk = await statfs(dataDir);
    return disk.bavail / disk.blocks;
  });
  gauge('sivis_backup_age_seconds', 'Age of the newest copy in the data folder.', async () => {
    const made = newestBackup(dataDir);
    return made === undefined ? undefined : Math.max(0, (clock.now() - made.atMs) / 1_000);
  });
  gauge('sivis_audit_entries', 'Entries of the audit log.', () => store.read((tx) => tx.auditSize()));
  if (publisher !== undefined) {
    gauge(
      'sivis_audit_signed_entries',
      'Entries below the newest signed checkpoint.',
      async () => publisher.latest()?.checkpoint.size,
    );
    gauge('sivis_audit_checkpoint_age_seconds', 'Age of the newest signed checkpoint.', async () => {
      const at = publisher.latest()?.at;
      return at === undefined ? undefined : Math.max(0, (clock.now() - Date.parse(at)) / 1_000);
    });
    gauge('sivis_audit_alarm', '1 while the audit log cannot be signed.', async () =>
      publisher.alarm() === null ? 0 : 1,
    );
  }
  return {
    request(method, route, status, took) {
      requests.inc({ method, route, status: `${Math.floor(status / 100)}xx` });
      seconds.observe({ route }, took);
    },
    pushed(rows) {
      for (const { ops } of rows) for (const { outcome } of ops) operations.inc({ outcome });
    },
    text: () => registry.metrics(),
  };
}

/** Serves `/metrics` on a listener of its own. Rejects when the port is taken. */
export async function serveMetrics(
  metrics: Metrics,
  host: string,
  port: number,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = http.createServer((request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end();
      return;
    }
    metrics.text().then(
      (text) => {
        response.writeHead(200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE }).end(text);
      },
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
