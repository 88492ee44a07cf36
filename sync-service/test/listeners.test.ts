import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@sivis/shared/ids/ids.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { checkListeners, readTls } from '../src/cli/listeners.ts';
import {
  createRow,
  PASSWORD,
  pushTo,
  runCommand,
  seedFolder,
  send,
  signInAt,
  startProcess,
} from './liveService.ts';
import type { ServiceProcess } from './liveService.ts';

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function certificate(folder: string, name: string, days = 30): { cert: string; key: string } {
  const [cert, key] = [path.join(folder, `${name}.pem`), path.join(folder, `${name}.key`)];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      String(days),
    ].concat([...['-subj', `/CN=${name}.example`, '-keyout', key, '-out', cert]]),
    { stdio: 'ignore' },
  );
  return { cert, key };
}

/** Lines as Prometheus reads them: every sample belongs to a declared metric, every value is a number. */
function samplesOf(text: string): Map<string, number> {
  const declared = new Map<string, string>();
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, kind = '', name = ''] = /^# (HELP|TYPE) ([a-z_][a-z0-9_]*) \S.*$/.exec(line) ?? [];
    if (kind !== '') {
      if (kind === 'TYPE') declared.set(name, line.split(' ').at(-1) ?? '');
      continue;
    }
    const match = /^([a-z_][a-z0-9_]*)(\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)*\})? (\S+)$/.exec(line);
    if (match === null) throw new Error(`no sample: ${line}`);
    const [, metric = '', labels = '', value = ''] = match;
    const owner = metric.replace(/_(bucket|sum|count)$/, '');
    if (!declared.has(metric) && declared.get(owner) !== 'histogram')
      throw new Error(`not declared: ${metric}`);
    if (Number.isNaN(Number(value)) && value !== 'Nan') throw new Error(`no number: ${line}`);
    if (samples.has(metric + labels)) throw new Error(`twice: ${metric}${labels}`);
    samples.set(metric + labels, Number(value));
  }
  return samples;
}

describe('metrics', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sivis-metrics-'));
  let service: ServiceProcess;
  let address = '';
  let siteId = '';

  beforeAll(async () => {
    const port = await freePort();
    address = `http://127.0.0.1:${port}/metrics`;
    writeFileSync(path.join(folder, 'server.toml'), `metrics_port = ${port}\n`);
    siteId = await seedFolder(folder, { anna: 'reception' });
    service = await startProcess(folder);
  }, 60_000);

  afterAll(async () => {
    service.child.kill('SIGKILL');
    await service.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it('says what happens in the house, of nobody, in few series, as Prometheus wants it', async () => {
    const session = await signInAt(service.url, 'anna', PASSWORD, newId());
    const row = createRow(session, 'person', siteId, { familyName: 'Kanārijputniņa', givenName: 'Ilze' });
    await pushTo(service.url, session, 'people', [row]);
    for (let at = 0; at < 30; at += 1) await send(service.url, `/api/nowhere/${newId()}`, { session });
    const reply = await fetch(address);
    const text = await reply.text();
    const samples = samplesOf(text);
    expect(samples.get('sivis_push_operations_total{outcome="accepted"}')).toBe(1);
    expect(samples.get('sivis_ready')).toBe(1);
    expect(samples.get('sivis_audit_entries')).toBeGreaterThan(1);
    expect(samples.get('sivis_live_sockets')).toBe(0);
    expect(samples.get('sivis_http_requests_total{method="GET",route="",status="4xx"}')).toBe(30);
    expect(samples.has('sivis_backup_age_seconds')).toBe(false);
    for (const secret of ['Kanārij', 'anna', row.id, session.deviceId, siteId])
      expect(text).not.toContain(secret);
    expect(samples.size).toBeLessThan(400);
    expect((await fetch(address.replace('/metrics', '/'))).status).toBe(404);
    expect((await fetch(`${service.url}/metrics`)).status).toBe(404);

    if (has('promtool')) {
      const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
      expect([checked.stderr, checked.status]).toEqual(['', 0]);
    }
    const rules = path.join(import.meta.dirname, '../../installers/monitoring/sivis.rules.yml');
    if (has('promtool')) {
      const checked = spawnSync('promtool', ['check', 'rules', rules], { encoding: 'utf8' });
      expect([checked.stderr, checked.status]).toEqual(['', 0]);
    }
    const named = [...readFileSync(rules, 'utf8').matchAll(/\bsivis_[a-z_]+/g)].map(([name]) => name);
    const known = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? '');
    // Not there before the first copy.
    known.push('sivis_backup_age_seconds', 'sivis_http_request_duration_seconds_bucket');
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('are for this computer only', () => {
    expect(() => checkListeners({ metrics_host: '0.0.0.0', metrics_port: 9_464 })).toThrow('metrics_host');
    expect(() => checkListeners({ metrics_host: '0.0.0.0', metrics_port: 0 })).not.toThrow();
  });
});

describe.skipIf(!has('openssl'))('TLS', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sivis-tls-'));
  const data = path.join(folder, 'data');
  let service: ServiceProcess | undefined;

  afterAll(async () => {
    service?.child.kill('SIGKILL');
    await service?.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  const shake = (port: number, options: tls.ConnectionOptions): Promise<string> =>
    new Promise((resolve) => {
      const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () => {
        resolve(`${socket.getProtocol() ?? ''} ${String(socket.getPeerCertificate().subject.CN)}`);
        socket.destroy();
      });
      socket.once('error', () => resolve('refused'));
    });

  it('speaks 1.3 and 1.2, nothing older, and takes a new certificate without a restart', async () => {
    const first = certificate(folder, 'first');
    await seedFolder(data, { anna: 'reception' });
    writeFileSync(path.join(data, 'server.toml'), `tls_cert = '${first.cert}'\ntls_key = '${first.key}'\n`);
    service = await startProcess(data);
    expect(service.url).toMatch(/^https:/);
    const port = Number(new URL(service.url).port);
    expect(await shake(port, {})).toBe('TLSv1.3 first.example');
    expect(await shake(port, { maxVersion: 'TLSv1.2' })).toBe('TLSv1.2 first.example');
    expect(
      await shake(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    ).toBe('refused');
    const status = await new Promise((resolve) => {
      https.get(`${service?.url ?? ''}${PATHS.me}`, { rejectUnauthorized: false }, (reply) =>
        resolve(reply.statusCode),
      );
    });
    expect(status).toBe(401);
    expect((await runCommand(['healthcheck', '--data', data])).code).toBe(0);

    const second = certificate(folder, 'second');
    for (const part of ['cert', 'key'] as const) copyFileSync(second[part], first[part]);
    service.child.kill('SIGHUP');
    await expect.poll(() => shake(port, {})).toBe('TLSv1.3 second.example');
  });

  it('is refused at the start with a certificate that is not that of the key', async () => {
    const [one, other] = [certificate(folder, 'one'), certificate(folder, 'other')];
    expect(() => readTls({ tls_cert: one.cert, tls_key: other.key })).toThrow('nav viens otram');
    expect(() => readTls({ tls_cert: one.cert, tls_key: '' })).toThrow('abi');
    const env = path.join(folder, 'other');
    await seedFolder(env, { anna: 'reception' });
    writeFileSync(path.join(env, 'server.toml'), `tls_cert = '${one.cert}'\ntls_key = '${other.key}'\n`);
    const started = await runCommand(['serve', '--port', '0', '--no-demo', '--data', env]);
    expect(started.code).toBe(2);
  });
});
