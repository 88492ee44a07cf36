import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serviceWho } from '../src/audit/auditLog.ts';
import { logFolder } from '../src/audit/logFiles.ts';
import { createPublisher, type PublisherAlarm } from '../src/audit/publisher.ts';
import { localSigner } from '../src/audit/signer/client.ts';
import { openSigner } from '../src/audit/signer/signer.ts';
import type { Transparency } from '../src/audit/transparency.ts';
import { createBackup, restoreBackup } from '../src/cli/backup.ts';
import { openDataFolder } from '../src/cli/dataFolder.ts';
import { examine, lineOf } from '../src/cli/doctor/doctor.ts';
import { resultOf, type Finding } from '../src/cli/doctor/finding.ts';
import { examineStore } from '../src/cli/doctor/store.ts';
import { takeLock, isLock } from '../src/cli/lock.ts';
import type { CommandContext } from '../src/cli/seam.ts';
import { runCommand } from './liveService.ts';

const HOUR_MS = 3_600_000;
const NO_DATABASE = { database_url: '', database_owner_url: '' };
const ORIGIN = 'sivis.test/audit/doctor';
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** One folder is made and published once; every test works on a copy. */
const model = path.join(mkdtempSync(path.join(tmpdir(), 'sivis-doctor-')), 'model');

async function record(folder: string, count: number, action = 'test'): Promise<void> {
  const { store, audit } = await openDataFolder(folder);
  for (let at = 0; at < count; at += 1)
    await audit.auditRead(store, serviceWho(Date.now(), 'test'), {
      action,
      kind: action === 'test' ? 'store' : 'device',
      objectId: action === 'test' ? '' : 'desk-1',
      personIds: [],
      personal: false,
      result: 'ok',
    });
  await store.close();
}

async function publish(folder: string, signer = path.join(folder, 'signer')): Promise<void> {
  const { store } = await openDataFolder(folder);
  const publisher = createPublisher({
    store,
    files: logFolder(path.join(folder, 'audit')),
    signer: localSigner(openSigner(signer, ORIGIN, [])),
    clock: { now: () => Date.now() },
  });
  await publisher.publish();
  await store.close();
}

describe('doctor', () => {
  let dir = '';
  beforeEach(async () => {
    if (!readdirSync(path.dirname(model)).includes('model')) {
      await record(model, 3);
      await publish(model);
    }
    dir = path.join(mkdtempSync(path.join(tmpdir(), 'sivis-doctor-')), 'data');
    execFileSync('cp', ['-a', model, dir]);
  });
  afterEach(() => rmSync(path.dirname(dir), { recursive: true, force: true }));

  /** What the command finds, in this process; `more` stands for the service in which it may run. */
  const look = (more: Partial<CommandContext> = {}): Promise<Finding[]> => {
    const clock = more.clock ?? { now: () => Date.now() };
    return examine({ dataDir: dir, clock, env: {} }, async () => {
      const lock = await takeLock(dir);
      if (!isLock(lock)) return { exit: 75, value: { error: { code: 'locked' } } };
      try {
        const { store, audit } = await openDataFolder(dir);
        const say = (): void => undefined;
        try {
          return await examineStore(
            { store, audit, clock, dataDir: dir, accessChanged: say, say, ...more },
            {},
          );
        } finally {
          await store.close();
        }
      } finally {
        lock.release();
      }
    });
  };
  const alarmed = (alarm: PublisherAlarm): Partial<CommandContext> => ({
    transparency: { publisher: { alarm: () => alarm } } as unknown as Transparency,
  });
  const inFolder = (...parts: string[]): string => path.join(dir, ...parts);
  const backup = async (ageMs = 0): Promise<string> => {
    const { store } = await openDataFolder(dir);
    const folder = inFolder('backups', 'copy');
    await createBackup(store, dir, folder, Date.now());
    await store.close();
    const at = (Date.now() - ageMs) / 1_000;
    utimesSync(path.join(folder, 'manifest.json'), at, at);
    return folder;
  };
  const flip = (file: string, at: number): void => {
    const bytes = readFileSync(file);
    for (let offset = at; offset < at + 64 && offset < bytes.length; offset += 1)
      bytes[offset] = (bytes[offset] ?? 0) ^ 0xff;
    writeFileSync(file, bytes);
  };
  const selfSigned = (name: string, days: number): void => {
    const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const files = ['-keyout', inFolder(`${name}.key`), '-out', inFolder(`${name}.pem`)];
    execFileSync('openssl', [...kind, '-days', String(days), '-subj', '/CN=a', ...files], {
      stdio: 'ignore',
    });
  };
  const certificate = (days: number, key = 'one'): void => {
    for (const name of ['one', 'two']) selfSigned(name, days);
    const text = `tls_cert = '${inFolder('one.pem')}'\ntls_key = '${inFolder(`${key}.key`)}'\n`;
    writeFileSync(inFolder('server.toml'), text, { mode: 0o600 });
  };
  /** Changes the store past the service, as somebody with the file could. */
  const tamper = (sql: string): void => {
    const db = new DatabaseSync(inFolder('sivis.db'));
    const triggers = db.prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`).all();
    for (const { name } of triggers) db.exec(`DROP TRIGGER "${String(name)}"`);
    db.exec(sql);
    db.close();
  };
  const later = (ms: number): Partial<CommandContext> => ({ clock: { now: () => Date.now() + ms } });

  it('finds nothing in a folder that is well, with a copy and without', async () => {
    for (const make of [() => undefined, () => backup(HOUR_MS)]) {
      await make();
      const found = await look();
      expect(found.filter(({ exit }) => exit !== 0)).toEqual([]);
      expect(resultOf(found).exit).toBe(0);
      expect(found.length).toBeGreaterThan(9);
    }
  });

  type Provoke = () => Partial<CommandContext> | undefined | Promise<Partial<CommandContext> | undefined>;
  const nothing =
    (work: () => unknown): Provoke =>
    async () => {
      await work();
      return undefined;
    };
  // Fault, exit code, what must be said of it (what is safe or what to do), how it comes about.
  it.each<[code: string, exit: number, words: string, provoke: Provoke, skip?: boolean]>([
    [
      'audit-changed',
      3,
      'restore',
      nothing(() =>
        tamper(`UPDATE audit_entry SET envelope = replace(envelope, '"test"', '"none"') WHERE seq = 2`),
      ),
    ],
    ['audit-holes', 3, 'trūkst ierakstu: 2', nothing(() => tamper('DELETE FROM audit_entry WHERE seq = 2'))],
    ['store-damaged', 3, 'restore', nothing(() => flip(inFolder('sivis.db'), 0))],
    [
      'store-damaged',
      3,
      'restore',
      nothing(() => {
        const { size } = { size: readFileSync(inFolder('sivis.db')).length };
        for (let at = 8_192; at < size; at += 4_096) flip(inFolder('sivis.db'), at);
      }),
    ],
    ['schema-newer', 1, 'nav aiztikti', nothing(() => tamper('PRAGMA user_version = 999'))],
    ['keys-damaged', 1, 'rezerves kopijas', nothing(() => writeFileSync(inFolder('keys.json'), '{"token":'))],
    ['keys-missing', 1, 'rezerves kopijas', nothing(() => rmSync(inFolder('keys.json')))],
    [
      'locked',
      75,
      'pagaidiet',
      nothing(() =>
        writeFileSync(inFolder('lock'), JSON.stringify({ pid: process.ppid, admin: '', url: '' })),
      ),
    ],
    ['tile-damaged', 3, 'Datubāze nav skarta', nothing(() => flip(inFolder('audit/tile/0/000.p/3'), 0))],
    ['tile-missing', 4, 'Datubāze nav skarta', nothing(() => rmSync(inFolder('audit/tile/0/000.p/3')))],
    [
      'other-key',
      3,
      'liecinieku',
      nothing(() => {
        rmSync(inFolder('signer'), { recursive: true });
        tamper(`DELETE FROM meta WHERE key = 'auditKey'`);
        return publish(dir).then(() =>
          copyFileSync(path.join(model, 'audit/checkpoint'), inFolder('audit/checkpoint')),
        );
      }),
    ],
    ['signer-down', 1, 'sivis-signer', () => alarmed('signer')],
    ['signer-refused', 3, 'liecinieku', () => alarmed('refused')],
    ['rolled-back', 3, 'liecinieku', () => alarmed('rolledBack')],
    ['signer-key', 1, 'drošībā', nothing(() => writeFileSync(inFolder('signer/key.pem'), 'x'))],
    [
      'signer-memory',
      1,
      'drošībā',
      nothing(() => {
        const [name = ''] = readdirSync(inFolder('signer')).filter((file) => file.startsWith('signed-'));
        writeFileSync(inFolder('signer', name), '{');
      }),
    ],
    [
      'epoch',
      3,
      'bez sivis-server restore',
      nothing(async () => {
        // The store of a restored copy, put beside the log of the one before it.
        const copy = await backup();
        const target = path.join(path.dirname(dir), 'restored');
        await restoreBackup(copy, target, Date.now(), NO_DATABASE);
        for (const name of ['sivis.db', 'sivis.db-wal', 'sivis.db-shm'])
          rmSync(inFolder(name), { force: true });
        copyFileSync(path.join(target, 'sivis.db'), inFolder('sivis.db'));
      }),
    ],
    [
      'rolled-back',
      3,
      'liecinieku',
      nothing(async () => {
        // An older file in the place of the store, without `restore`.
        copyFileSync(inFolder('sivis.db'), inFolder('older'));
        await record(dir, 5);
        await publish(dir);
        for (const name of ['sivis.db-wal', 'sivis.db-shm']) rmSync(inFolder(name), { force: true });
        copyFileSync(inFolder('older'), inFolder('sivis.db'));
      }),
    ],
    ['clock', 1, 'NTP', () => later(-HOUR_MS)],
    ['desk-gaps', 1, 'drošībā', nothing(() => record(dir, 2, 'deviceAlarm'))],
    ['backup-missing', 1, 'backup create', () => later(30 * HOUR_MS)],
    ['backup-old', 1, 'backup create', nothing(() => backup(30 * HOUR_MS))],
    [
      'backup-damaged',
      3,
      'backup create',
      nothing(async () => flip(path.join(await backup(), 'sivis.db'), 4_096)),
    ],
    [
      'backup-damaged',
      4,
      'backup create',
      nothing(async () => rmSync(path.join(await backup(), 'keys.json'))),
    ],
    ['tls-expired', 1, 'glabājas', () => (certificate(1), later(50 * HOUR_MS)), !hasOpenssl],
    ['tls-ends', 1, 'SIGHUP', nothing(() => certificate(5)), !hasOpenssl],
    ['tls-unusable', 1, 'viens otram', nothing(() => certificate(90, 'two')), !hasOpenssl],
    [
      'settings',
      1,
      'log_level',
      nothing(() => writeFileSync(inFolder('server.toml'), `log_levl = 'info'\n`, { mode: 0o600 })),
    ],
    [
      'rights',
      1,
      'chmod',
      nothing(() => {
        chmodSync(dir, 0o755);
        chmodSync(inFolder('keys.json'), 0o644);
      }),
    ],
  ])('%s (%i)', async (code, exit, words, provoke, skip) => {
    if (skip === true) return;
    const found = await look((await provoke()) ?? {});
    const named = found.find((finding) => finding.code === code);
    expect(found.map((finding) => finding.code)).toContain(code);
    expect(named && lineOf(named)).toMatch(new RegExp(`^✗ .*${words}`));
    expect(named?.exit).toBe(exit);
    expect(resultOf(found).exit).not.toBe(0);
  });

  it('says the same by the command, in words and for programs; a folder that is not there is none', async () => {
    writeFileSync(inFolder('keys.json'), '{"token":');
    const words = await runCommand(['doctor', '--data', dir]);
    expect([words.code, words.out]).toEqual([1, expect.stringContaining('rezerves kopijas')]);
    const json = await runCommand(['doctor', '--data', dir, '--json']);
    const { findings } = JSON.parse(json.out) as { findings: { ok: boolean; code?: string }[] };
    expect([json.code, findings.find(({ ok }) => !ok)?.code]).toEqual([1, 'keys-damaged']);
    // A look changes nothing: no key in the place of the damaged one, no folder where there was none.
    expect(readFileSync(inFolder('keys.json'), 'utf8')).toBe('{"token":');
    const missing = await runCommand(['doctor', '--data', inFolder('none')]);
    expect([missing.code, missing.out]).toEqual([1, expect.stringContaining('--data')]);
    expect(readdirSync(dir)).not.toContain('none');
  });

  it('a database that does not answer is asked to be tried again', async () => {
    writeFileSync(inFolder('server.toml'), `database_url = 'postgresql://a:b@127.0.0.1:1/x'\n`, {
      mode: 0o600,
    });
    const gone = await runCommand(['doctor', '--data', dir]);
    expect([gone.code, gone.out]).toEqual([75, expect.stringContaining('Datubāze neatbild')]);
  });

  it('a full disk is said as such, by the command, on the disk itself', async () => {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return;
    const disk = mkdtempSync(path.join(tmpdir(), 'sivis-disk-'));
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]).status !== 0) return;
    try {
      const data = path.join(disk, 'data');
      execFileSync('cp', ['-a', model, data]);
      mkdirSync(path.join(disk, 'rest'));
      try {
        for (;;) writeFileSync(path.join(disk, 'rest', 'filler'), Buffer.alloc(4_096, 1), { flag: 'a' });
      } catch (error) {
        expect((error as { code?: string }).code).toBe('ENOSPC');
      }
      const full = await runCommand(['doctor', '--data', data]);
      expect([full.code, full.out]).toEqual([75, expect.stringContaining('0 % brīvi')]);
      expect(full.out).toContain('drošībā');
    } finally {
      execFileSync('umount', ['-l', disk]);
      rmSync(disk, { recursive: true, force: true });
    }
  });
});
