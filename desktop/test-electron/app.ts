import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

function appData(): string {
  const { platform, env } = process;
  if (platform === 'win32') return env['APPDATA'] ?? path.join(os.homedir(), 'AppData/Roaming');
  if (platform === 'darwin') return path.join(os.homedir(), 'Library/Application Support');
  return env['XDG_CONFIG_HOME'] ?? path.join(os.homedir(), '.config');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function wontCome(what: string): never {
  throw new Error(`${what} must be called before the 'ready' event`);
}

/** Electron's `app`, as far as a workstation asks. Events are emitted by the other parts and by tests. */
class App extends EventEmitter {
  readonly isPackaged = process.env['STAND_IN_PACKAGED'] === '1';
  readonly commandLine = { appendSwitch: () => undefined, hasSwitch: () => false, getSwitchValue: () => '' };
  sandboxed = false;
  #ready = false;
  #quitting = false;
  #name = 'Electron';
  readonly #paths = new Map<string, string>();
  readonly #whenReady = Promise.withResolvers<void>();

  /** Called by the stand-in once Chromium runs. */
  becomeReady(): void {
    this.#ready = true;
    this.#whenReady.resolve();
    this.emit('ready', {}, {});
  }

  isReady(): boolean {
    return this.#ready;
  }

  whenReady(): Promise<void> {
    return this.#whenReady.promise;
  }

  setName(name: string): void {
    this.#name = name;
  }

  getName(): string {
    return this.#name;
  }

  setAppUserModelId(): void {
    // Of the Windows task bar only.
  }

  getVersion(): string {
    return '0.0.0';
  }

  getAppPath(): string {
    return path.dirname(process.argv[1] ?? '');
  }

  getLocale(): string {
    return (process.env['LANG'] ?? 'lv_LV').startsWith('en') ? 'en-US' : 'lv';
  }

  getSystemLocale(): string {
    return this.getLocale();
  }

  getPath(name: string): string {
    const set = this.#paths.get(name);
    if (set !== undefined) return set;
    const found: Readonly<Record<string, () => string>> = {
      appData,
      userData: () => path.join(appData(), this.#name),
      sessionData: () => this.getPath('userData'),
      crashDumps: () => path.join(this.getPath('userData'), 'Crashpad'),
      logs: () => path.join(this.getPath('userData'), 'logs'),
      temp: () => os.tmpdir(),
      home: () => os.homedir(),
      downloads: () => path.join(os.homedir(), 'Downloads'),
      exe: () => process.execPath,
    };
    const way = found[name];
    if (way === undefined) throw new Error(`Failed to get '${name}' path`);
    return way();
  }

  setPath(name: string, folder: string): void {
    if (!path.isAbsolute(folder)) throw new Error('Path must be absolute');
    this.#paths.set(name, folder);
  }

  enableSandbox(): void {
    if (this.#ready) wontCome('app.enableSandbox()');
    this.sandboxed = true;
  }

  disableHardwareAcceleration(): void {
    if (this.#ready) wontCome('app.disableHardwareAcceleration()');
  }

  /** One process per userData folder; the second one knocks at the first by a signal. */
  requestSingleInstanceLock(): boolean {
    const folder = this.getPath('userData');
    const file = path.join(folder, 'stand-in.lock');
    mkdirSync(folder, { recursive: true });
    for (;;) {
      try {
        writeFileSync(file, String(process.pid), { flag: 'wx' });
        break;
      } catch {
        const holder = Number(readFileSync(file, 'utf8'));
        if (holder !== process.pid && isAlive(holder)) {
          process.kill(holder, 'SIGUSR2');
          return false;
        }
        // Of a process that was killed.
        rmSync(file, { force: true });
      }
    }
    process.on('SIGUSR2', () => this.emit('second-instance', {}, [], folder, null));
    process.once('exit', () => rmSync(file, { force: true }));
    return true;
  }

  quit(): void {
    if (this.#quitting) return;
    let stopped = false;
    const event = {
      preventDefault: () => {
        stopped = true;
      },
    };
    this.emit('before-quit', event);
    if (stopped) return;
    this.#quitting = true;
    // As in Electron, the rest of the running function comes first.
    setImmediate(() => {
      this.emit('stand-in-close-windows');
      this.emit('will-quit', { preventDefault: () => undefined });
      this.emit('quit', {}, 0);
      this.emit('stand-in-end', 0);
    });
  }

  /** For the stand-in. */
  isQuitting(): boolean {
    return this.#quitting;
  }

  exit(code = 0): void {
    this.emit('quit', {}, code);
    process.exit(code);
  }

  relaunch(): void {
    throw new Error('the stand-in does not start itself again');
  }

  focus(): void {
    // There is no screen.
  }
}

export const app = new App();
