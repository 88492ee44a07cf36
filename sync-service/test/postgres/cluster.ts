import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { migratePostgres } from '../../src/store/postgres/migrate.ts';

/** A throw-away PostgreSQL server: a data folder of its own, a socket in it, no port. Durable as a real one. */
export interface Cluster {
  /** Address of a database for the role of the service, of its owner, or of the superuser. */
  url(database: string, role?: 'sivis_api' | 'sivis_owner' | 'admin'): string;
  /** Stops it as a power cut would stop the process: no shutdown, no word to anybody. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export const TEMPLATE = 'sivis_template';

/** PostgreSQL does not run as root: root runs it as the account that its package made. */
function account(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim());
  return { uid: id('-u'), gid: id('-g') };
}

const SETTINGS = [
  'listen_addresses=',
  'fsync=on',
  'synchronous_commit=on',
  'shared_buffers=32MB',
  'max_connections=200',
  'timezone=Europe/Riga',
];

/** Makes and starts a server, with the two roles and an empty migrated database to copy from. */
export async function createCluster(bin: string): Promise<Cluster> {
  // Short: a socket's path has room for some hundred bytes.
  const dir = mkdtempSync(path.join(tmpdir(), 'sivis-pg-'));
  const who = account();
  const data = path.join(dir, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (who !== undefined) for (const folder of [dir, data]) chownSync(folder, who.uid, who.gid);
  const run = { cwd: dir, ...who, env: { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C' } };
  const made = spawnSync(
    path.join(bin, 'initdb'),
    // An order of letters that is not that of bytes: what relies on the database's own order shows itself.
    ['-D', data, '-U', 'admin', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C', ...icu(bin)],
    { ...run, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);

  const url: Cluster['url'] = (database, role = 'sivis_api') =>
    `postgresql://${role}@localhost/${database}?host=${encodeURIComponent(dir)}`;
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();

  const answers = async (): Promise<boolean> => {
    const client = new pg.Client({ connectionString: url('postgres', 'admin') });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      return false;
    }
  };
  const start = async (): Promise<void> => {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const log = openSync(path.join(dir, 'log'), 'a');
      const server = spawn(
        path.join(bin, 'postgres'),
        ['-D', data, '-k', dir, ...SETTINGS.flatMap((setting) => ['-c', setting])],
        { ...run, stdio: ['ignore', log, log] },
      );
      child = server;
      ended = new Promise((resolve) => server.once('close', resolve));
      while (server.exitCode === null) {
        if (await answers()) return;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      // After a kill the children of the old server may live a moment longer and hold its memory.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`postgres does not start: ${readFileSync(path.join(dir, 'log'), 'utf8').slice(-2_000)}`);
  };
  const stop = async (): Promise<void> => {
    // Fast shutdown: connections are cut.
    child?.kill('SIGINT');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  await start();
  try {
    await as(url('postgres', 'admin'), async (client) => {
      await client.query('CREATE ROLE sivis_owner LOGIN');
      await client.query('CREATE ROLE sivis_api LOGIN');
      await client.query(`CREATE DATABASE ${TEMPLATE} OWNER sivis_owner`);
    });
    await migratePostgres(url(TEMPLATE, 'sivis_owner'), 'sivis_api');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    start,
    stop,
    async kill() {
      child?.kill('SIGKILL');
      await ended;
    },
  };
}

/** Latvian order by ICU, where this server can. */
function icu(bin: string): string[] {
  const help = spawnSync(path.join(bin, 'initdb'), ['--help'], { encoding: 'utf8' }).stdout;
  return help.includes('--icu-locale') ? ['--locale-provider=icu', '--icu-locale=lv'] : [];
}

/** Runs the work on a connection of its own. */
export async function as<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

let made = 0;

/** A fresh, migrated database. Returns its name. */
export async function createDatabase(url: Cluster['url']): Promise<string> {
  const name = `t_${process.pid}_${(made += 1)}_${Math.random().toString(36).slice(2, 8)}`;
  await as(url('postgres', 'admin'), (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} OWNER sivis_owner`),
  );
  return name;
}
