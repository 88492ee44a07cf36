import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { ConfigError, isLoopback, loadConfig, shown } from '../src/cli/config.ts';
import { isLock, takeLock } from '../src/cli/lock.ts';
import { DEMO_META } from '../src/cli/seam.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { testId } from '../src/store/contractWorld.ts';
import { send } from './liveService.ts';

const MAIN = path.join(import.meta.dirname, '../src/cli/main.ts');

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe('sivis-server', () => {
  const dirs: string[] = [];
  const children: ChildProcess[] = [];
  const folder = (): string => {
    const dir = mkdtempSync(path.join(tmpdir(), 'sivis-cli-'));
    dirs.push(dir);
    return path.join(dir, 'data');
  };
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });

  const launch = (args: readonly string[], env: Record<string, string> = {}): ChildProcess => {
    const clean = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(SIVIS_|DATABASE_URL$)/.test(name)),
    );
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...clean, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.push(child);
    return child;
  };
  const run = (args: readonly string[], input = '', env: Record<string, string> = {}): Promise<Run> =>
    new Promise((resolve) => {
      const child = launch(args, env);
      let out = '';
      let err = '';
      child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
      child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
      child.stdin?.end(input);
      child.once('close', (code) => resolve({ code: code ?? -1, out, err }));
    });
  const serving = (args: readonly string[]) => {
    const child = launch(['serve', '--port', '0', ...args]);
    const ended = new Promise<number>((resolve) => {
      child.once('close', (code) => resolve(code ?? -1));
    });
    const ready = new Promise<{ url: string; adminLink: string | null; event: string }>((resolve, reject) => {
      if (child.stdout === null) return;
      createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as never));
      void ended.then((code) => reject(new Error(`ended with ${code}`)));
    });
    return { child, ended, ready };
  };

  it('serves, refuses a second one with 75, runs commands inside the serving process, stops gracefully', async () => {
    const data = folder();
    const first = serving(['--data', data, '--no-demo']);
    const { url, adminLink } = await first.ready;
    expect(adminLink).toMatch(new RegExp(`^${url}/#/pirmais/[\\w-]{40,}$`));

    const second = await run(['serve', '--data', data, '--port', '0', '--no-demo']);
    expect([second.code, JSON.parse(second.out)]).toEqual([75, { event: 'locked', url }]);

    const centre = await run([
      'admin',
      'site',
      'create',
      'Dubulti',
      '--code',
      'DUB',
      '--data',
      data,
      '--json',
    ]);
    const site = JSON.parse(centre.out) as { id: string };
    expect([centre.code, site]).toMatchObject([0, { name: 'Dubulti', code: 'DUB' }]);
    expect((await run(['admin', 'site', 'list', '--data', data])).out.trim()).toBe(
      `${site.id}\tDUB\tDubulti`,
    );

    const made = await run(
      [
        'admin',
        'user',
        'create',
        'anna',
        '--name',
        'Anna Testa',
        '--role',
        'reception',
        '--password-stdin',
        '--data',
        data,
        '--json',
      ],
      'zilais-lietus-un-vējš-7\n',
    );
    expect([made.code, JSON.parse(made.out)]).toMatchObject([0, { user: 'anna', role: 'reception' }]);
    const device = { id: testId(20, 1), name: 'Galds' };
    const login = { user: 'anna', password: 'zilais-lietus-un-vējš-7', device };
    expect((await send(url, PATHS.login, { body: login })).body['code']).toBe('DEVICE_UNKNOWN');
    const coded = await run(['device', 'enrol', '--name', 'Reģ-1', '--data', data, '--json']);
    const { code } = JSON.parse(coded.out) as { code: string };
    expect((await send(url, PATHS.enrol, { body: { code, device } })).body['deviceName']).toBe('Reģ-1');
    expect((await send(url, PATHS.login, { body: login })).status).toBe(200);
    expect((await run(['healthcheck', '--data', data])).code).toBe(0);
    expect((await run(['doctor', '--data', data])).code).toBe(0);

    const backup = await run(['backup', 'create', '--data', data, '--json']);
    const copy = (JSON.parse(backup.out) as { path: string }).path;
    expect((await run(['backup', 'verify', copy])).code).toBe(0);
    const target = path.join(path.dirname(data), 'restored');
    const restored = await run(['restore', copy, '--to', target, '--json']);
    expect(restored.code).toBe(0);
    const before = JSON.parse(readFileSync(path.join(copy, 'manifest.json'), 'utf8')) as { epoch: string };
    expect((JSON.parse(restored.out) as { epoch: string }).epoch).not.toBe(before.epoch);
    expect((await run(['restore', copy, '--to', target])).code).toBe(1);
    expect((await run(['admin', 'user', 'list', '--data', target])).out).toContain('anna\treception');
    const bytes = readFileSync(path.join(copy, 'sivis.db'));
    bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
    writeFileSync(path.join(copy, 'sivis.db'), bytes);
    expect((await run(['backup', 'verify', copy])).code).toBe(3);
    rmSync(path.join(copy, 'keys.json'));
    expect((await run(['backup', 'verify', copy])).code).toBe(4);

    if (process.platform !== 'win32') {
      for (const name of ['keys.json', 'sivis.db', 'lock', 'admin.sock']) {
        expect(statSync(path.join(data, name)).mode & 0o077).toBe(0);
      }
    }
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect((await run(['healthcheck', '--data', data])).code).toBe(1);
    const lines = (await run(['audit', 'export', '--data', data])).out.trim().split('\n');
    expect(
      lines.map((line) => (JSON.parse(line) as { envelope: { action: string } }).envelope.action),
    ).toContain('userCreate');
  }, 60_000);

  it('takes over the lock of a process that was killed', async () => {
    const data = folder();
    const first = serving(['--data', data, '--no-demo']);
    await first.ready;
    first.child.kill('SIGKILL');
    await first.ended;
    const second = serving(['--data', data, '--no-demo']);
    expect((await second.ready).event).toBe('ready');
    second.child.kill('SIGTERM');
    await second.ended;
  }, 30_000);

  it('keeps demonstration data on this computer and imports out of them', async () => {
    const data = folder();
    const store = await openSqliteStore({ file: path.join(data, 'sivis.db') });
    await store.write((tx) => tx.setMeta(DEMO_META, '1'));
    await store.close();
    const beyond = await run(['serve', '--data', data, '--port', '0', '--host', '0.0.0.0', '--no-demo']);
    expect([beyond.code, beyond.err.includes('Demonstrācijas dati')]).toEqual([1, true]);
    const imported = await run(['import', '4hotel', '/nonexistent', '--data', data]);
    expect([imported.code, imported.out.includes('demonstrācijas datu mape')]).toEqual([1, true]);
  }, 30_000);

  it('ends with 2 for a wrong call and a wrong setting, naming the nearest', async () => {
    const data = folder();
    mkdirSync(data, { recursive: true });
    expect((await run(['serv', '--data', data])).code).toBe(2);
    expect((await run(['serve', '--prt', '1', '--data', data])).code).toBe(2);
    const unknown = await run(['config', 'check', '--data', data], '', { SIVIS_PROT: '1' });
    expect([unknown.code, unknown.err.includes('SIVIS_PORT')]).toEqual([2, true]);
    writeFileSync(path.join(data, 'server.toml'), 'hots = "127.0.0.1"\n');
    const inFile = await run(['config', 'check', '--data', data]);
    expect([inFile.code, inFile.err.includes('“host”')]).toEqual([2, true]);
    expect((await run(['version'])).code).toBe(0);
    expect(
      (await run(['admin', 'user', 'create', 'x', '--name', 'X', '--role', 'boss', '--data', data])).code,
    ).toBe(2);
  }, 30_000);
});

describe('settings', () => {
  it('come from flags before environment before file before defaults', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'sivis-config-'));
    writeFileSync(path.join(dir, 'server.toml'), 'port = 1\nhost = "localhost"\nlog_level = "warn"\n');
    writeFileSync(path.join(dir, 'secret'), 'debug\n');
    const { values, sources } = loadConfig(
      dir,
      { port: '3' },
      { SIVIS_PORT: '2', SIVIS_HOST: '::1', SIVIS_LOG_LEVEL_FILE: path.join(dir, 'secret') },
    );
    expect(values).toMatchObject({ port: 3, host: '::1', log_level: 'debug', demo: false });
    expect([sources.port, sources.host, sources.demo]).toEqual(['--port', 'SIVIS_HOST', 'default']);
    expect(() => loadConfig(dir, { port: 'x' }, {})).toThrow(ConfigError);
    const url = 'postgresql://api:secret@db/sivis';
    const database = loadConfig(dir, {}, { DATABASE_URL: url });
    expect([database.values.database_url, database.sources.database_url]).toEqual([url, 'DATABASE_URL']);
    expect(shown('database_url', url)).toBe('***');
    expect(loadConfig(dir, {}, { DATABASE_URL: url, SIVIS_DATABASE_URL: '' }).values.database_url).toBe('');
    expect(() => loadConfig(dir, {}, { SIVIS_DESK: '2', SIVIS_SERVICE_URL: 'http://x' })).not.toThrow();
    rmSync(dir, { recursive: true, force: true });
  });

  it('know which addresses only this computer reaches', () => {
    expect(['127.0.0.1', '127.1.2.3', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'localhost.example'].some(isLoopback)).toBe(false);
  });
});

describe('the lock of a data folder', () => {
  it('has one holder, and a stale one is taken over', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'sivis-lock-'));
    const first = await takeLock(dir);
    expect(isLock(first)).toBe(true);
    expect(isLock(await takeLock(dir))).toBe(false);
    if (isLock(first)) first.release();
    // A process that lives, but is another program that got the number of a dead service.
    writeFileSync(
      path.join(dir, 'lock'),
      JSON.stringify({ pid: process.ppid, admin: path.join(dir, 'gone.sock'), url: '' }),
    );
    const second = await takeLock(dir);
    expect(isLock(second)).toBe(true);
    if (isLock(second)) second.release();
    writeFileSync(path.join(dir, 'lock'), 'damaged');
    expect(isLock(await takeLock(dir))).toBe(true);
    rmSync(dir, { recursive: true, force: true });
  });
});
