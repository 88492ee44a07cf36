import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { type BrowserContext, chromium, _electron, type Page } from '@playwright/test';
import type * as Electron from 'electron';
import { findElectron } from '../../../scripts/lib/electron.mjs';
import { browserPath } from './browser.ts';
import { ROOT } from './service.ts';

const DESKTOP = path.join(ROOT, 'desktop');
const MAIN = path.join(DESKTOP, 'out/main/index.js');
const REGISTER = path.join(DESKTOP, 'test-electron/register.ts');
const START_MS = 30_000;

const realElectron = findElectron();

/** What the specs run on: Electron itself where its runtime is there, the stand-in over Chromium otherwise. */
export const RUNTIME = realElectron === undefined ? 'stand-in' : 'electron';

/** Says on what the specs of the project `electron` run. */
export function runtimeLine(): string {
  return RUNTIME === 'electron'
    ? `The workstation's own specs run on Electron: ${realElectron}`
    : "The workstation's own specs run on the stand-in over Chromium: Electron's runtime is not installed here.";
}

/** The module `electron` as a function sees it that runs in main; the stand-in has `standIn` besides. */
export type ElectronModule = typeof Electron & {
  readonly standIn: { readonly keyring: { choose(backend: string): void; forget(): void } };
};

/** The built workstation, its main and its window. */
export interface Workstation {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Process id of main. */
  readonly pid: number;
  /** Process id of Chromium, of the stand-in only. */
  readonly chromium: number;
  /** Runs a function in main; it sees nothing from outside itself. */
  evaluate<R, A = undefined>(work: (electron: ElectronModule, arg: A) => R | Promise<R>, arg?: A): Promise<R>;
  /** Ends in order and waits until everything is on disk. */
  quit(): Promise<void>;
  /** SIGKILL to main and everything it started. */
  kill(): Promise<void>;
  /** Resolves when main has ended, with its code. */
  readonly ended: Promise<number | null>;
}

export interface WorkstationOptions {
  /** What Electron calls `appData`: the profile is the folder SIVIS in it, and stays when the program is gone. */
  readonly home: string;
  /** Address of the sync service; without one the workstation asks for it. */
  readonly serviceUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function environment({ home, serviceUrl, env = {} }: WorkstationOptions): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('SIVIS_'));
  return {
    ...(Object.fromEntries(own) as Record<string, string>),
    TZ: 'Europe/Riga',
    LANG: 'lv_LV.UTF-8',
    CHROME_PATH: browserPath(),
    HOME: home,
    XDG_CONFIG_HOME: home,
    APPDATA: home,
    LOCALAPPDATA: home,
    ...(serviceUrl === undefined ? {} : { SIVIS_SERVICE_URL: serviceUrl }),
    ...env,
  };
}

async function startReal(binary: string, options: WorkstationOptions): Promise<Workstation> {
  const args = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), MAIN];
  const app = await _electron.launch({
    executablePath: binary,
    args,
    cwd: DESKTOP,
    env: environment(options),
  });
  const main = app.process();
  const ended = new Promise<number | null>((resolve) => main.once('exit', resolve));
  const started: Workstation = {
    context: app.context(),
    page: await app.firstWindow(),
    pid: main.pid ?? 0,
    chromium: main.pid ?? 0,
    ended,
    evaluate: (work, arg) => app.evaluate(work as never, arg),
    async quit() {
      await app.close();
      await ended;
    },
    async kill() {
      main.kill('SIGKILL');
      await ended;
    },
  };
  return started;
}

interface Ready {
  readonly event: 'ready';
  readonly port: number;
  readonly chromium: number;
}

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Asks main over the channel of its process. */
function asking(child: ChildProcess): Workstation['evaluate'] {
  let last = 0;
  return (work, arg) =>
    new Promise((resolve, reject) => {
      last += 1;
      const id = last;
      const take = (reply: Reply): void => {
        if (reply.id !== id) return;
        child.off('message', take);
        if (reply.error === undefined) resolve(reply.value as never);
        else reject(new Error(reply.error));
      };
      child.on('message', take);
      child.send({ id, code: work.toString(), arg });
    });
}

/** Starts main on the stand-in without waiting for a window: a second start ends before it has one. */
export function spawnStandIn(options: WorkstationOptions): ChildProcess {
  mkdirSync(options.home, { recursive: true });
  const child = spawn(process.execPath, ['--import', REGISTER, MAIN], {
    cwd: DESKTOP,
    env: environment(options),
    // A process group of its own: it is killed together with its Chromium.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = createWriteStream(path.join(options.home, 'main.out'), { flags: 'a' });
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  return child;
}

async function startStandIn(options: WorkstationOptions): Promise<Workstation> {
  const child = spawnStandIn(options);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = await new Promise<Ready>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the workstation did not start')), START_MS);
    child.on('message', (message: Ready) => {
      if (message.event !== 'ready') return;
      clearTimeout(late);
      resolve(message);
    });
    void ended.then((code) =>
      reject(new Error(`the workstation ended with ${code}: ${options.home}/main.out`)),
    );
  });
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${ready.port}`);
  const [context] = browser.contexts();
  const page = context?.pages()[0];
  if (context === undefined || page === undefined) throw new Error('the workstation has no window');
  const evaluate = asking(child);
  return {
    context,
    page,
    pid: child.pid ?? 0,
    chromium: ready.chromium,
    ended,
    evaluate,
    async quit() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await evaluate(({ app }) => app.quit());
      await ended;
      clearTimeout(late);
      await browser.close();
    },
    async kill() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await ended;
      await browser.close();
    },
  };
}

/** Starts the built workstation on a profile. */
export function startWorkstation(options: WorkstationOptions): Promise<Workstation> {
  return realElectron === undefined ? startStandIn(options) : startReal(realElectron, options);
}
