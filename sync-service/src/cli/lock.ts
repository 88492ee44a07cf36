import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { tmpdir } from 'node:os';

/** What stands in `DATA/lock`. */
export interface LockInfo {
  readonly pid: number;
  /** Unix socket or named pipe of the process that holds the folder; '' while it has none. */
  readonly admin: string;
  /** Where it serves; '' while it starts, and for a command of the command line. */
  readonly url: string;
}

export interface Lock {
  /** Notes the admin socket that listens now, and where the service is reached. */
  announce(admin: string, url: string): void;
  release(): void;
}

const LOCK_FILE = 'lock';
/** The shortest limit of the systems for a socket's path (macOS: 104 bytes). */
const SOCKET_PATH_LIMIT = 100;
const PROBE_MS = 1_000;

const lockFile = (dataDir: string): string => path.join(dataDir, LOCK_FILE);

/** Where the admin socket of a data folder is: inside it, or in a private folder when its path is too long. */
export function adminSocketPath(dataDir: string): string {
  const hash = createHash('sha256').update(path.resolve(dataDir)).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\sivis-${hash}`;
  const inside = path.join(path.resolve(dataDir), 'admin.sock');
  if (Buffer.byteLength(inside) <= SOCKET_PATH_LIMIT) return inside;
  const outside = path.join(tmpdir(), `sivis-${hash}`);
  mkdirSync(outside, { recursive: true, mode: 0o700 });
  return path.join(outside, 'admin.sock');
}

function readLock(dataDir: string): LockInfo | undefined {
  try {
    const info = JSON.parse(readFileSync(lockFile(dataDir), 'utf8')) as Partial<LockInfo>;
    if (typeof info.pid !== 'number' || typeof info.admin !== 'string') return undefined;
    return { pid: info.pid, admin: info.admin, url: info.url ?? '' };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(socket);
    const done = (value: boolean): void => {
      probe.destroy();
      resolve(value);
    };
    probe.setTimeout(PROBE_MS, () => done(true));
    probe.once('connect', () => done(true));
    probe.once('error', () => done(false));
  });
}

/**
 * Who holds the data folder now, or `undefined`. A lock whose process is gone is stale; one whose number another
 * program got is found by its silent socket. A process that holds it briefly without a socket counts while it lives.
 */
export async function lockHolder(dataDir: string): Promise<LockInfo | undefined> {
  const info = readLock(dataDir);
  if (info === undefined || !isAlive(info.pid)) return undefined;
  if (info.admin === '' || info.pid === process.pid) return info;
  return (await answers(info.admin)) ? info : undefined;
}

/** Takes the lock of the data folder, or says who has it. */
export async function takeLock(dataDir: string): Promise<Lock | LockInfo> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = lockFile(dataDir);
  const info: LockInfo = { pid: process.pid, admin: '', url: '' };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const handle = openSync(file, 'wx', 0o600);
      try {
        writeSync(handle, JSON.stringify(info));
      } catch (error) {
        // A full disk takes the name of a file but not its content.
        rmSync(file, { force: true });
        throw error;
      } finally {
        closeSync(handle);
      }
      return {
        announce: (admin, url) =>
          writeFileSync(file, JSON.stringify({ ...info, admin, url }), { mode: 0o600 }),
        release: () => {
          if (readLock(dataDir)?.pid === process.pid) rmSync(file, { force: true });
        },
      };
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
    }
    const holder = await lockHolder(dataDir);
    if (holder !== undefined) return holder;
    const before = readLock(dataDir);
    // Taken over only when it is still the stale one: another process may have been quicker.
    if (before === undefined || !isAlive(before.pid) || before.admin !== '') rmSync(file, { force: true });
  }
  return readLock(dataDir) ?? { pid: 0, admin: '', url: '' };
}

export function isLock(value: Lock | LockInfo): value is Lock {
  return 'release' in value;
}
