import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { type CdpPipe, openPipe } from './cdp.ts';

export interface Chromium extends CdpPipe {
  readonly process: ChildProcess;
  /** Where a test attaches itself (`connectOverCDP`). */
  readonly port: number;
}

const START_MS = 20_000;

async function portOf(profile: string, child: ChildProcess): Promise<number> {
  const file = path.join(profile, 'DevToolsActivePort');
  const until = Date.now() + START_MS;
  while (Date.now() < until && child.exitCode === null) {
    const [port = ''] = existsSync(file) ? (await readFile(file, 'utf8')).split('\n') : [];
    if (port !== '') return Number(port);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('Chromium did not start');
}

/**
 * Starts Chromium on a profile. It is of the process group of main, so that both are killed together; and it ends by
 * itself when main dies, because its pipe closes.
 * @param gate port of the proxy that every request to the network goes through
 */
export async function startChromium(
  profile: string,
  gate: number,
  { sandbox }: { readonly sandbox: boolean },
): Promise<Chromium> {
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  rmSync(path.join(profile, 'DevToolsActivePort'), { force: true });
  const args = [
    '--headless=new',
    '--remote-debugging-pipe',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    // Root has no sandbox in a container.
    ...(sandbox && process.getuid?.() !== 0 ? [] : ['--no-sandbox']),
    `--proxy-server=http://127.0.0.1:${gate}`,
    '--proxy-bypass-list=<-loopback>',
    // Electron asks nobody before a page reaches the loopback address.
    '--disable-features=LocalNetworkAccessChecks,AutofillServerCommunication,Translate,OptimizationHints,MediaRouter',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--no-default-browser-check',
    '--hide-crash-restore-bubble',
    '--password-store=basic',
    '--window-size=1366,768',
    '--lang=lv-LV',
    'about:blank',
  ];
  const child = spawn(process.env['CHROME_PATH'] ?? '/usr/bin/chromium', args, {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const [, , , output, input] = child.stdio;
  const pipe = openPipe(output as Writable, input as Readable);
  return { ...pipe, process: child, port: await portOf(profile, child) };
}
