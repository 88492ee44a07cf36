/** `npm start` as a whole, on a small project with a service that only speaks the service's part. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { firstFree } from './lib/ports.mjs';

const SERVICE = `
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const value = (flag: string) => process.argv[process.argv.indexOf(flag) + 1]!;
const say = (event: object) => process.stdout.write(JSON.stringify(event) + '\\n');
const lock = value('--data') + '/lock';
process.stderr.write('{"level":30,"msg":"starting"}\\n');
if (existsSync(value('--data') + '/broken')) {
  process.stderr.write('{"level":60,"msg":"the store is of a newer version"}\\n');
  process.exit(1);
}
if (existsSync(lock)) {
  say({ event: 'locked', url: readFileSync(lock, 'utf8') });
  process.exit(75);
}
const url = 'http://127.0.0.1:' + value('--port');
const demo = process.argv.includes('--demo');
createServer((_, reply) => reply.end(readFileSync(value('--static') + '/index.html'))).listen(Number(value('--port')), '127.0.0.1', () => {
  mkdirSync(value('--data'), { recursive: true });
  writeFileSync(lock, url);
  const accounts = demo ? [{ role: 'reception', user: 'registrs', password: 'p-1', name: 'Anna Bērziņa' }] : [];
  say({ event: 'ready', url, accounts, adminLink: demo ? null : url + '/#first', demo });
});
process.on('SIGTERM', () => {
  appendFileSync(value('--data') + '/stopped', 'x');
  rmSync(lock);
  process.exit(0);
});
`;

let root;
let data;
const running = new Set();

beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'sivis-start-'));
  cpSync(import.meta.dirname, path.join(root, 'scripts'), { recursive: true });
  const write = (name, text) => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  };
  write('package.json', JSON.stringify({ name: 'small', private: true, workspaces: ['desktop'] }));
  write('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages: {} }));
  write('node_modules/.package-lock.json', JSON.stringify({ lockfileVersion: 3, packages: {} }));
  write(
    'desktop/package.json',
    JSON.stringify({ name: 'desktop', version: '1.0.0', scripts: { 'build:web': 'node build.mjs' } }),
  );
  write(
    'desktop/build.mjs',
    `import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
     mkdirSync('out/renderer', { recursive: true });
     writeFileSync('out/renderer/index.html', 'workstation');
     appendFileSync('out/builds', 'x');`,
  );
  write('sync-service/src/cli/main.ts', SERVICE);
});
afterAll(() => rmSync(root, { recursive: true }));
afterEach(async () => {
  await Promise.all([...running].map((run) => run.stop()));
});

/** Starts and collects what is printed; `until` waits for a line. */
function start(...flags) {
  const env = { ...process.env, CI: 'true', INIT_CWD: root };
  const child = spawn(process.execPath, [path.join(root, 'scripts/start.mjs'), '--data', data, ...flags], {
    cwd: root,
    env,
  });
  const run = { text: '', ended: undefined, until: undefined, stop: undefined };
  const waiting = new Set();
  const hear = (chunk) => {
    run.text += chunk;
    for (const look of waiting) look();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  run.ended = new Promise((resolve) => {
    child.on('close', (code) => {
      running.delete(run);
      resolve(code);
      hear('');
    });
  });
  run.until = (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(run.text);
        if (found !== null) resolve(found);
        else if (!running.has(run)) reject(new Error(`ended without ${pattern}:\n${run.text}`));
      };
      waiting.add(look);
      look();
    });
  run.stop = () => {
    child.kill('SIGINT');
    return run.ended;
  };
  running.add(run);
  return run;
}

describe.skipIf(process.platform === 'win32')('npm start', () => {
  it('builds, serves, prints one address and the accounts, and stops cleanly', async () => {
    data = path.join(root, 'data-1');
    const run = start('--port', String(await firstFree(44_000)));
    const [, url] = await run.until(/^Darbstacija: (http:\/\/127\.0\.0\.1:\d+)$/m);
    await run.until(/Aptur ar Ctrl\+C/);
    expect(run.text).toMatch(/^ {2}Reģistratūra +Anna Bērziņa +registrs +p-1$/m);
    expect(run.text.match(/^Darbstacija: /gm)).toHaveLength(1);
    expect(await (await fetch(url)).text()).toBe('workstation');
    expect(readFileSync(path.join(data, 'log/service.log'), 'utf8')).toContain('starting');
    expect(await run.stop()).toBe(0);
    expect(existsSync(path.join(data, 'lock'))).toBe(false);
    expect(readFileSync(path.join(data, 'stopped'), 'utf8')).toBe('x');
  });

  it('keeps the address at the next start and does not build again', async () => {
    data = path.join(root, 'data-2');
    const port = await firstFree(44_100);
    const first = start('--port', String(port));
    await first.until(/Aptur ar/);
    await first.stop();
    const second = start();
    await second.until(new RegExp(`^Darbstacija: http://127.0.0.1:${port}$`, 'm'));
    expect(second.text).not.toContain('Būvē');
    expect(readFileSync(path.join(root, 'desktop/out/builds'), 'utf8')).toBe('x');
  });

  it('shows a running service instead of starting another', async () => {
    data = path.join(root, 'data-3');
    const port = await firstFree(44_200);
    const first = start('--port', String(port));
    await first.until(/Aptur ar/);
    const second = start();
    expect(await second.ended).toBe(0);
    expect(second.text).toMatch(/jau darbojas/);
    expect(second.text).toMatch(new RegExp(`^Darbstacija: http://127.0.0.1:${port}$`, 'm'));
    expect(existsSync(path.join(data, 'stopped'))).toBe(false);
  });

  it('gives a further desk an address of its own, beside a running service too', async () => {
    data = path.join(root, 'data-4');
    const port = await firstFree(44_300);
    const first = start('--port', String(port));
    await first.until(/Aptur ar/);
    const desk = start('--desk', '3');
    await desk.until(new RegExp(`^Darbstacija 3: http://127.0.0.1:${port + 2}$`, 'm'));
    await desk.until(/privātais logs/);
    expect(await (await fetch(`http://127.0.0.1:${port + 2}/`)).text()).toBe('workstation');
    expect(await desk.stop()).toBe(0);
    expect(existsSync(path.join(data, 'stopped'))).toBe(false);
  });

  it('prints the first administrator’s link of an empty centre', async () => {
    data = path.join(root, 'data-5');
    const run = start('--no-demo', '--port', String(await firstFree(44_400)));
    await run.until(/^Pirmā administratora saite \(vienreizēja\): http.*#first$/m);
    expect(run.text).not.toContain('Loma');
  });

  it('says that a port it was told to take is taken', async () => {
    data = path.join(root, 'data-6');
    const server = net.createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    const run = start('--port', String(port));
    expect(await run.ended).toBe(1);
    expect(run.text).toContain(`Ports ${port} ir aizņemts`);
    server.close();
  });

  it('says what the service said when it cannot start, and where its log is', async () => {
    data = path.join(root, 'data-7');
    mkdirSync(data);
    writeFileSync(path.join(data, 'broken'), '');
    const run = start('--port', String(await firstFree(44_500)));
    expect(await run.ended).toBe(1);
    expect(run.text).toContain('the store is of a newer version');
    expect(run.text).toContain(path.join(data, 'log/service.log'));
    expect(run.text).not.toMatch(/\bat .*\.mjs/);
  });
});
