import { EventEmitter } from 'node:events';
import { app } from './app.ts';
import { WebContents } from './contents.ts';

interface Bounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Options extends Partial<Bounds> {
  readonly show?: boolean;
  readonly title?: string;
  readonly webPreferences?: Readonly<Record<string, unknown>>;
}

/** What the stand-in could not do otherwise; a window with other preferences would prove nothing. */
const ONLY: Readonly<Record<string, unknown>> = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  webviewTag: false,
};

let windows: BrowserWindow[] = [];
let attach: ((contents: WebContents, preload: string | undefined) => Promise<void>) | undefined;

/** Called by the stand-in once Chromium runs: how a window gets its page. */
export function provideWindows(way: NonNullable<typeof attach>): void {
  attach = way;
}

/** Electron's `BrowserWindow`: one, on Chromium's only page. */
export class BrowserWindow extends EventEmitter {
  readonly id = 1;
  readonly webContents: WebContents;
  readonly webPreferences: Readonly<Record<string, unknown>>;
  #bounds: Bounds;
  #destroyed = false;
  #visible: boolean;
  #minimized = false;
  #maximized = false;
  readonly #attached: Promise<void>;

  constructor(options: Options = {}) {
    super();
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    if (windows.length > 0) throw new Error('the stand-in has one window');
    const preferences = options.webPreferences ?? {};
    for (const [name, value] of Object.entries(ONLY)) {
      if (preferences[name] !== value)
        throw new Error(`the stand-in knows no window with ${name} other than ${String(value)}`);
    }
    const { x = 0, y = 0, width = 800, height = 600 } = options;
    this.webPreferences = preferences;
    this.#bounds = { x, y, width, height };
    this.#visible = options.show ?? true;
    this.webContents = new WebContents(preferences);
    const { preload } = preferences;
    this.#attached = attach!(this.webContents, typeof preload === 'string' ? preload : undefined);
    this.webContents.once('dom-ready', () => this.emit('ready-to-show'));
    windows.push(this);
    app.emit('browser-window-created', {}, this);
    app.emit('web-contents-created', {}, this.webContents);
  }

  static getAllWindows(): BrowserWindow[] {
    return [...windows];
  }

  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return windows.find((one) => one.webContents === contents) ?? null;
  }

  static getFocusedWindow(): BrowserWindow | null {
    return windows[0] ?? null;
  }

  async loadURL(url: string): Promise<void> {
    await this.#attached;
    await this.webContents.loadURL(url);
  }

  close(): void {
    let stopped = false;
    this.emit('close', {
      preventDefault: () => {
        stopped = true;
      },
    });
    if (!stopped) this.destroy();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    windows = windows.filter((one) => one !== this);
    this.webContents.destroy();
    this.emit('closed');
    if (windows.length === 0) app.emit('window-all-closed');
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  show(): void {
    this.#visible = true;
    this.#minimized = false;
  }

  hide(): void {
    this.#visible = false;
  }

  isVisible(): boolean {
    return this.#visible;
  }

  focus(): void {
    this.emit('focus');
  }

  minimize(): void {
    this.#minimized = true;
  }

  isMinimized(): boolean {
    return this.#minimized;
  }

  restore(): void {
    this.#minimized = false;
  }

  maximize(): void {
    this.#maximized = true;
  }

  isMaximized(): boolean {
    return this.#maximized;
  }

  getBounds(): Bounds {
    return { ...this.#bounds };
  }

  getNormalBounds(): Bounds {
    return { ...this.#bounds };
  }

  setContentProtection(): void {
    // There is no screen to be captured.
  }

  flashFrame(): void {
    // There is no task bar.
  }
}
