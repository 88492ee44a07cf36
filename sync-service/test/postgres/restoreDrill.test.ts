import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { seedFolder, type ServiceProcess } from '../liveService.ts';
import { DRILL_USERS, restoreDrill } from '../restoreDrill.ts';
import { createDatabase } from './cluster.ts';
import { HAS_POSTGRES, serverUrl } from './server.ts';

describe.skipIf(!HAS_POSTGRES)('under load, on PostgreSQL', { timeout: 240_000 }, () => {
  const root = mkdtempSync(path.join(tmpdir(), 'sivis-drill-'));
  const processes: ServiceProcess[] = [];
  afterAll(async () => {
    for (const { child, ended } of processes) {
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(root, { recursive: true, force: true });
  });
  const settle = (folder: string, url: string): void =>
    writeFileSync(path.join(folder, 'server.toml'), `database_url = '${url}'\nsign_ins_per_minute = 1000\n`, {
      mode: 0o600,
    });

  it('a copy is made, the service killed, the copy restored, and the desks send what it lacks', async () => {
    const home = path.join(root, 'home');
    mkdirSync(home, { mode: 0o700 });
    const url = serverUrl(await createDatabase(serverUrl));
    settle(home, url);
    const siteId = await seedFolder(home, DRILL_USERS, undefined, url);
    const name = await createDatabase(serverUrl);
    const into = { database_url: serverUrl(name), database_owner_url: serverUrl(name, 'sivis_owner') };
    await restoreDrill({
      home,
      siteId,
      into,
      settle: (folder) => settle(folder, into.database_url),
      started: (service) => processes.push(service),
    });
  });
});
