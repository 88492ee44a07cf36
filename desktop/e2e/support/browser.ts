import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium } from '@playwright/test';

/** The browser of the tests: `CHROME_PATH`, which `npm test` sets, or Debian's. */
export function browserPath(): string {
  return process.env['CHROME_PATH'] ?? '/usr/bin/chromium';
}

/** Root has no sandbox in a container; the rest keeps the browser from asking the network on its own. */
export const BROWSER_ARGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

const START_MS = 20_000;

/** A browser of its own process and profile, which can be killed like one whose computer was switched off. */
export interface OwnBrowser {
  readonly context: BrowserContext;
  /** Closes in order and waits until the process is gone: its files are complete. */
  close(): Promise<void>;
  /** SIGKILL to the whole process group, without a word. */
  kill(): Promise<void>;
}

async function devToolsPort(profile: string, child: ChildProcess): Promise<string> {
  const file = path.join(profile, 'DevToolsActivePort');
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`the browser ended with ${child.exitCode}`);
    if (existsSync(file)) {
      const [port] = (await readFile(file, 'utf8')).split('\n');
      if (port !== undefined && port !== '') return port;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the browser did not start');
}

/**
 * Starts a browser on a profile folder, which stays when the browser is gone.
 * @param profile made when it is not there
 * @throws Error when the browser does not open its port within 20 s
 */
export async function startOwnBrowser(profile: string): Promise<OwnBrowser> {
  // A killed browser leaves the port of its last life behind.
  await rm(path.join(profile, 'DevToolsActivePort'), { force: true });
  const child = spawn(
    browserPath(),
    [
      ...BROWSER_ARGS,
      '--headless=new',
      '--remote-debugging-port=0',
      '--window-size=1366,768',
      '--lang=lv-LV',
      '--hide-crash-restore-bubble',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: 'ignore', detached: process.platform !== 'win32', env: { ...process.env, TZ: 'Europe/Riga' } },
  );
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = (): void => {
    if (child.pid === undefined || child.exitCode !== null) return;
    try {
      if (process.platform === 'win32') child.kill('SIGKILL');
      else process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  };
  let browser: Browser;
  try {
    browser = await chromium.connectOverCDP(`http://127.0.0.1:${await devToolsPort(profile, child)}`);
  } catch (error) {
    end();
    throw error;
  }
  const [context] = browser.contexts();
  if (context === undefined) throw new Error('the browser has no context');
  return {
    context,
    async close() {
      const session = await browser.newBrowserCDPSession();
      await session.send('Browser.close').catch(() => undefined);
      const late = setTimeout(end, 10_000);
      await gone;
      clearTimeout(late);
    },
    async kill() {
      end();
      await gone;
    },
  };
}
