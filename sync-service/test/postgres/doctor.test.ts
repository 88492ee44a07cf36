import { mkdirSync, mkdtempSync, openSync, closeSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, seedFolder } from '../liveService.ts';
import { as, createCluster, createDatabase, type Cluster } from './cluster.ts';
import { HAS_POSTGRES, POSTGRES_BIN } from './server.ts';

/** What the doctor says of a database; its server is one of its own, because it is damaged. */
describe.skipIf(!HAS_POSTGRES)('doctor, on PostgreSQL', { timeout: 120_000 }, () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'sivis-doctor-'));
  const home = path.join(dir, 'home');
  let cluster: Cluster;
  let name = '';

  beforeAll(async () => {
    cluster = await createCluster(POSTGRES_BIN);
    name = await createDatabase(cluster.url);
    mkdirSync(home, { mode: 0o700 });
    const url = cluster.url(name);
    writeFileSync(path.join(home, 'server.toml'), `database_url = '${url}'\n`, { mode: 0o600 });
    await seedFolder(home, { anna: 'reception' }, undefined, url);
  }, 120_000);
  afterAll(async () => {
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const doctor = async (): Promise<{ code: number; faults: (string | undefined)[]; out: string }> => {
    const { code, out } = await runCommand(['doctor', '--data', home, '--json']);
    const { findings } = JSON.parse(out) as { findings: { ok: boolean; code?: string }[] };
    return { code, out, faults: findings.filter(({ ok }) => !ok).map((finding) => finding.code) };
  };

  it('finds nothing, a table that could be rewritten, a database that is away, a damaged page', async () => {
    expect(await doctor()).toMatchObject({ code: 0, faults: [] });

    await as(cluster.url(name, 'sivis_owner'), (client) =>
      client.query('GRANT UPDATE ON sivis.audit_entry TO sivis_api'),
    );
    expect(await doctor()).toMatchObject({ code: 3, faults: ['store-damaged'] });
    await as(cluster.url(name, 'sivis_owner'), (client) =>
      client.query('REVOKE UPDATE ON sivis.audit_entry FROM sivis_api'),
    );

    const [folder, file] = await as(cluster.url(name, 'admin'), async (client) => {
      await client.query('CHECKPOINT');
      const { rows } = await client.query<{ folder: string; file: string }>(
        `SELECT current_setting('data_directory') AS folder, pg_relation_filepath('sivis.doc') AS file`,
      );
      return [rows[0]?.folder ?? '', rows[0]?.file ?? ''];
    });
    await cluster.kill();
    expect(await doctor()).toMatchObject({ code: 75, faults: ['unavailable'] });

    const handle = openSync(path.join(folder, file), 'r+');
    writeSync(handle, Buffer.alloc(4_096, 0xa5), 0, 4_096, 0);
    closeSync(handle);
    await cluster.start();
    const { code, faults, out } = await doctor();
    expect([code, faults]).toEqual([3, ['store-damaged']]);
    expect(out).toContain('restore');
  });
});
