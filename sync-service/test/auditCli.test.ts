import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { LogHead } from '@sivis/shared/protocol/messages/log.ts';
import { parseCheckpoint } from '@sivis/shared/tlog/checkpoint.ts';
import { parseNote } from '@sivis/shared/tlog/note.ts';
import { toBase64 } from '@sivis/shared/tlog/bytes.ts';
import { connectSigner, spawnSigner } from '../src/audit/signer/client.ts';
import {
  PASSWORD,
  runCommand,
  seedFolder,
  send,
  signInAt,
  startProcess,
  type ServiceProcess,
} from './liveService.ts';

/** The log in the hands of those who check it: `sivis-server audit …` on files alone. */

const dirs: string[] = [];
const folder = (): string => {
  const dir = mkdtempSync(path.join(tmpdir(), 'sivis-audit-'));
  dirs.push(dir);
  return dir;
};
const children: ServiceProcess[] = [];
afterAll(() => {
  for (const { child } of children) child.kill('SIGKILL');
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

describe('the log of a service', () => {
  let data: string;
  let log: string;
  let seen: { origin: string; size: number; root: string };
  const audit = (...args: string[]) => runCommand(['audit', ...args]);

  beforeAll(async () => {
    data = path.join(folder(), 'data');
    log = path.join(data, 'audit');
    await seedFolder(data, { anna: 'reception', audita: 'auditor' });
    const service = await startProcess(data);
    children.push(service);
    const session = await signInAt(service.url, 'anna', PASSWORD, newId());
    const checkpoint = await runCommand(['audit', 'checkpoint', '--data', data, '--json']);
    expect(checkpoint.code).toBe(0);
    const { body } = await send(service.url, PATHS.logWitness, { session, body: { seen: null } });
    const head = parseCheckpoint(parseNote((body as unknown as LogHead).checkpoint)?.text ?? '');
    seen = {
      origin: head?.origin ?? '',
      size: head?.size ?? 0,
      root: toBase64(head?.root ?? new Uint8Array()),
    };
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
  }, 120_000);

  it('verifies without store and service; key and memory of the signer stand apart and for their owner only', async () => {
    const clean = await audit('verify', log, '--json');
    expect([clean.code, JSON.parse(clean.out)]).toMatchObject([0, { verdict: 'ok', problems: [] }]);
    expect(seen.origin).toBe('sivis.local/audit/main');
    expect(readdirSync(path.join(data, 'signer')).sort()).toEqual([
      'key.pem',
      expect.stringMatching(/^signed-[0-9a-f]{16}\.json$/),
    ]);
    if (process.platform !== 'win32')
      expect(statSync(path.join(data, 'signer', 'key.pem')).mode & 0o077).toBe(0);
    // The key of the log is in no other file of the service, and in no backup.
    expect(readFileSync(path.join(data, 'keys.json'), 'utf8')).not.toContain('signer');
  }, 60_000);

  it('proves entries and consistency, compares with witnesses, exports; the exit code says what was found', async () => {
    const witness = path.join(folder(), 'witness');
    const proof = path.join(folder(), 'entry.tlog-proof');
    const key = path.join(log, 'key');
    expect((await audit('prove', log, '--seq', '1', '--out', proof)).code).toBe(0);
    expect((await audit('verify', proof, '--key', key)).code).toBe(0);
    expect((await audit('prove', log, '--seq', '99999')).code).toBe(2);
    expect((await audit('consistency', log, '1', path.join(log, 'checkpoint'))).code).toBe(0);
    expect((await audit('diff-witness', log, witness)).code).toBe(4);
    expect((await audit('diff-witness', log, witness, '--keep')).code).toBe(0);
    expect((await audit('diff-witness', log, witness)).code).toBe(0);
    expect((await audit('verify', log, '--witness', witness, '--key', key)).code).toBe(0);
    const lines = (await audit('export', log, '--format', 'ocsf')).out.trim().split('\n');
    const events = lines.map(
      (line) => JSON.parse(line) as { class_uid: number; type_uid: number; activity_id: number },
    );
    expect(events.every((event) => event.type_uid === event.class_uid * 100 + event.activity_id)).toBe(true);
    expect(events.map((event) => event.class_uid)).toContain(3002);
    const syslog = (await audit('export', log, '--format', 'rfc5424', '--from', '2020-01-01T00:00:00.000Z'))
      .out;
    expect(syslog.trim().split('\n')[0]).toMatch(
      /^<(?:10[89]|110)>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ sivis - \S+ \[sivis@32473 seq="1" /,
    );
    expect((await audit('export', log, '--to', '2020-01-01T00:00:00.000Z')).out).toBe('');

    // What a thief of the folder, or of the key, would do.
    const copy = path.join(folder(), 'copy');
    const { cpSync } = await import('node:fs');
    cpSync(log, copy, { recursive: true });
    const size = parseCheckpoint(
      parseNote(readFileSync(path.join(copy, 'checkpoint'), 'utf8'))?.text ?? '',
    )?.size;
    const file = path.join(copy, `tile/entries/000.p/${size}`);
    const bytes = readFileSync(file);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const tampered = await audit('verify', copy, '--json');
    expect(tampered.code).toBe(3);
    rmSync(file);
    expect((await audit('verify', copy)).code).toBe(4);
    expect((await audit('verify', path.join(copy, 'nothing'))).code).toBe(2);
    expect((await audit('export', copy)).code).toBe(4);
  }, 180_000);

  it('begins under a new name after a restore, and names the last checkpoint that was seen', async () => {
    const backup = path.join(folder(), 'backup');
    const target = path.join(folder(), 'restored');
    expect((await runCommand(['backup', 'create', '--data', data, '--to', backup])).code).toBe(0);
    expect(readdirSync(backup)).not.toContain('signer');
    const args = ['restore', backup, '--to', target, '--checkpoint', path.join(log, 'checkpoint')];
    expect((await runCommand(args)).code).toBe(0);
    const service = await startProcess(target);
    children.push(service);
    const session = await signInAt(service.url, 'anna', PASSWORD, newId());
    const asked = await send(service.url, PATHS.logWitness, { session, body: { seen } });
    const { checkpoint } = asked.body as unknown as LogHead;
    expect(checkpoint).toMatch(/^sivis\.local\/audit\/main\/r-[0-9a-f]{8}\n\d+\n/);
    expect(checkpoint).toMatch(/\ncontinues sivis\.local\/audit\/main \d+ \S{44}\n/);
    service.child.kill('SIGTERM');
    await service.ended;
    expect((await audit('verify', path.join(target, 'audit'))).code).toBe(0);
    const lines = (await runCommand(['audit', 'export', '--data', target])).out;
    expect(lines).toContain('"action":"logAlarm"');
    expect((await runCommand(['doctor', '--data', target])).code).toBe(0);
  }, 180_000);
});

describe('the signer as a process', () => {
  const head = { size: 1, root: toBase64(new Uint8Array(32)), proof: [] };

  it('ends with the service that started it, and knows after a restart what it signed', async () => {
    const dir = folder();
    const first = spawnSigner(dir, 'sivis.test/audit/x', []);
    const reply = await first.sign(head);
    expect(reply).toHaveProperty('note');
    await first.close();
    const second = spawnSigner(dir, 'sivis.test/audit/x', []);
    expect(await second.state()).toMatchObject({ size: 1, root: head.root });
    const other = { ...head, root: toBase64(new Uint8Array(32).fill(1)) };
    expect(await second.sign(other)).toEqual({ refused: 'inconsistent', size: 1 });
    await second.close();
  }, 60_000);

  it.skipIf(process.platform === 'win32')(
    'runs under an account of its own behind a socket',
    async () => {
      const dir = folder();
      mkdirSync(dir, { recursive: true });
      const socket = path.join(dir, 'signer.sock');
      const away = connectSigner(socket, 'sivis.test/audit/y');
      await expect(away.state()).rejects.toMatchObject({ code: 'SIGNER_GONE' });
      const { spawn } = await import('node:child_process');
      const main = path.join(import.meta.dirname, '../src/cli/main.ts');
      const child = spawn(process.execPath, [
        main,
        'audit',
        'signer',
        '--state',
        path.join(dir, 'state'),
        '--origin',
        'sivis.test/audit/y',
        '--socket',
        socket,
      ]);
      try {
        await expect.poll(() => readdirSync(dir), { timeout: 30_000 }).toContain('signer.sock');
        expect(await away.sign(head)).toHaveProperty('note');
        expect(await away.state()).toMatchObject({ origin: 'sivis.test/audit/y', size: 1 });
        await away.close();
        // Another log than the service's: after a restore it has to be told the new name.
        const other = connectSigner(socket, 'sivis.test/audit/y/r-1');
        await expect(other.state()).rejects.toMatchObject({ code: 'SIGNER_GONE' });
        await other.close();
      } finally {
        child.kill('SIGTERM');
      }
    },
    60_000,
  );
});

describe('audit origin', () => {
  it('prints what a signer of its own has to be told, once the log has a name', async () => {
    const data = path.join(folder(), 'data');
    await seedFolder(data, { anna: 'reception' });
    const ask = () => runCommand(['audit', 'origin', '--data', data]);
    expect((await ask()).code).toBe(2);
    writeFileSync(path.join(data, 'server.toml'), "audit_origin = 'sivis.test/audit/z'\n", { mode: 0o600 });
    const { code, out } = await ask();
    expect([code, out]).toEqual([0, "SIVIS_AUDIT_ORIGIN='sivis.test/audit/z'\nSIVIS_AUDIT_CONTINUES=''\n"]);
  }, 60_000);
});
