import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serviceWho } from '../src/audit/auditLog.ts';
import type { PublisherAlarm } from '../src/audit/publisher.ts';
import type { Transparency } from '../src/audit/transparency.ts';
import { openDataFolder } from '../src/cli/dataFolder.ts';
import { doctor } from '../src/cli/doctor.ts';
import type { CommandContext, CommandResult } from '../src/cli/seam.ts';
import { runCommand } from './liveService.ts';

const HOUR_MS = 3_600_000;
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('doctor', () => {
  let dir = '';
  beforeEach(async () => {
    dir = path.join(mkdtempSync(path.join(tmpdir(), 'sivis-doctor-')), 'data');
    const { store, audit } = await openDataFolder(dir);
    for (let at = 0; at < 3; at += 1)
      await audit.auditRead(store, serviceWho(Date.now(), 'test'), {
        action: 'test',
        kind: 'store',
        objectId: '',
        personIds: [],
        personal: false,
        result: 'ok',
      });
    await store.close();
  });
  afterEach(() => rmSync(path.dirname(dir), { recursive: true, force: true }));

  const examine = async (more: Partial<CommandContext> = {}): Promise<CommandResult & { said: string[] }> => {
    const { store, audit } = await openDataFolder(dir);
    const said: string[] = [];
    try {
      const context: CommandContext = {
        store,
        audit,
        clock: { now: () => Date.now() },
        dataDir: dir,
        accessChanged: () => undefined,
        say: (line) => said.push(line),
        ...more,
      };
      return { ...(await doctor(context, {})), said };
    } finally {
      await store.close();
    }
  };
  const alarmed = (alarm: PublisherAlarm): Partial<CommandContext> => ({
    transparency: { publisher: { alarm: () => alarm } } as unknown as Transparency,
  });
  const backup = (ageMs: number): void => {
    const folder = path.join(dir, 'backups', 'copy');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'manifest.json'), '{}');
    const at = (Date.now() - ageMs) / 1_000;
    utimesSync(path.join(folder, 'manifest.json'), at, at);
  };
  const certificate = (days: number): void => {
    const [cert, key] = [path.join(dir, 'cert.pem'), path.join(dir, 'key.pem')];
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    execFileSync(
      'openssl',
      [...args, '-days', String(days), '-subj', '/CN=a', '-keyout', key, '-out', cert],
      {
        stdio: 'ignore',
      },
    );
    writeFileSync(path.join(dir, 'server.toml'), `tls_cert = '${cert}'\ntls_key = '${key}'\n`, {
      mode: 0o600,
    });
  };
  /** Changes an entry past the service, as somebody with the file could. */
  const rewrite = (): void => {
    const db = new DatabaseSync(path.join(dir, 'sivis.db'));
    const triggers = db.prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`).all();
    for (const { name } of triggers) db.exec(`DROP TRIGGER "${String(name)}"`);
    db.exec(`UPDATE audit_entry SET envelope = replace(envelope, '"test"', '"none"') WHERE seq = 2`);
    db.close();
  };

  it('finds nothing in a folder that is well', async () => {
    backup(HOUR_MS);
    const { exit, said } = await examine();
    expect([exit, said.filter((line) => !line.startsWith('✓'))]).toEqual([0, []]);
  });

  it.each<[string, number, string, string, () => Partial<CommandContext> | undefined, boolean?]>([
    ['an entry was changed', 3, 'audita žurnāls', 'restore', () => void rewrite()],
    ['the signer is down', 1, 'parakstītājs', 'sivis-signer', () => alarmed('signer')],
    ['the signer saw another log', 3, 'parakstītājs', 'liecinieku', () => alarmed('refused')],
    ['the store was cut', 3, 'parakstītājs', 'liecinieku', () => alarmed('rolledBack')],
    [
      'others may read the files',
      1,
      'datņu tiesības',
      'chmod',
      () => {
        chmodSync(dir, 0o755);
        chmodSync(path.join(dir, 'keys.json'), 0o644);
        return undefined;
      },
    ],
    [
      'the clock was set back',
      1,
      'pulkstenis',
      'NTP',
      () => ({ clock: { now: () => Date.now() - HOUR_MS } }),
    ],
    ['the last copy is old', 1, 'rezerves kopija', 'backup create', () => void backup(30 * HOUR_MS)],
    ['the certificate ends soon', 1, 'TLS sertifikāts', 'SIGHUP', () => void certificate(5), !hasOpenssl],
    [
      'a setting has a typing error',
      1,
      'iestatījumi',
      'log_level',
      () => void writeFileSync(path.join(dir, 'server.toml'), `log_levl = 'info'\n`, { mode: 0o600 }),
    ],
  ])('%s: says so and what to do', async (_, code, check, advice, provoke, skip) => {
    if (skip === true) return;
    const { exit, said } = await examine(provoke() ?? {});
    const bad = said.filter((line) => line.startsWith('✗'));
    expect(bad).toEqual([expect.stringMatching(new RegExp(`^✗ ${check}: .*${advice}`))]);
    expect(exit).toBe(code);
  });

  it('what does not even open is said in words: damaged keys, a newer schema, a database that does not answer', async () => {
    writeFileSync(path.join(dir, 'keys.json'), '{"token":');
    const keys = await runCommand(['doctor', '--data', dir]);
    expect([keys.code, keys.err]).toEqual([1, expect.stringContaining('rezerves kopijas')]);
    const db = new DatabaseSync(path.join(dir, 'sivis.db'));
    db.exec('PRAGMA user_version = 999');
    db.close();
    const newer = await runCommand(['doctor', '--data', dir]);
    expect([newer.code, newer.err]).toEqual([1, expect.stringContaining('jaunāka programma')]);
    writeFileSync(path.join(dir, 'server.toml'), `database_url = 'postgresql://a:b@127.0.0.1:1/x'\n`);
    const gone = await runCommand(['doctor', '--data', dir]);
    expect([gone.code, gone.err]).toEqual([75, expect.stringContaining('Datubāze neatbild')]);
  });
});
