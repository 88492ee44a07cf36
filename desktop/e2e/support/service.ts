import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const ENTRY = path.join(ROOT, 'sync-service/src/cli/main.ts');
/** The built workstation; another build can be tested by naming its folder. */
export const STATICS = process.env['E2E_STATICS'] ?? path.join(ROOT, 'desktop/out/renderer');

/** An account as the service prints it at its start. */
export interface Account {
  readonly role: string;
  readonly user: string;
  readonly name: string;
  readonly password: string;
}

interface Ready {
  readonly url: string;
  readonly accounts: readonly Account[];
}

/** The service as a process of its own on a data folder. */
export interface Service {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly accounts: readonly Account[];
  /** SIGTERM and wait. */
  stop(): Promise<void>;
  /** SIGKILL and wait. */
  kill(): Promise<void>;
}

/**
 * Starts `sivis-server serve` with the demonstration centre of the folder.
 * @param port 0 takes a free one
 * @param settings of the service, as variables of its environment
 * @throws Error when it ends before it listens, with the end of its log
 */
export async function startService(
  data: string,
  port = 0,
  settings: Readonly<Record<string, string>> = {},
): Promise<Service> {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      ENTRY,
      'serve',
      '--data',
      data,
      '--port',
      String(port),
      '--host',
      '127.0.0.1',
      '--static',
      STATICS,
      '--demo',
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // All desks of a test sign in from one address.
      env: { ...process.env, DATABASE_URL: '', SIVIS_SIGN_INS_PER_MINUTE: '10000', ...settings },
    },
  );
  const log = createWriteStream(path.join(data, 'service.log'), { flags: 'a' });
  const tail: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => {
    log.write(chunk);
    tail.push(chunk.toString());
    if (tail.length > 20) tail.shift();
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await new Promise<Ready>((resolve, reject) => {
    if (child.stdout === null) throw new Error('no output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const event = JSON.parse(line) as { event?: string } & Ready;
      if (event.event === 'ready') resolve(event);
    });
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}: ${tail.join('')}`)));
  });
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
    log.end();
  };
  return {
    url: ready.url,
    port: Number(new URL(ready.url).port),
    pid: child.pid ?? 0,
    accounts: ready.accounts,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
