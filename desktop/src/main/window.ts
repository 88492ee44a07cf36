import type { WebContents } from 'electron';
import { BrowserWindow, screen } from 'electron';
import { LIMITS } from './limits.ts';
import type { Rectangle } from './window-state.ts';
import { readWindowState, restoreState, writeWindowState } from './window-state.ts';
import { guardWebPreferences } from './web-preferences-guard.ts';

export interface WindowOptions {
  /** The built preload script, absolute. */
  readonly preload: string;
  /** Folder that remembers the window's place. */
  readonly userData: string;
  readonly allowDevTools: boolean;
}

function workAreas(): [Rectangle, ...Rectangle[]] {
  const main = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter((display) => display.id !== main.id);
  return [main.workArea, ...others.map((display) => display.workArea)];
}

function rememberPlace(window: BrowserWindow, userData: string): void {
  window.on('close', () => {
    try {
      writeWindowState(userData, { bounds: window.getNormalBounds(), maximized: window.isMaximized() });
    } catch {
      // The next window opens in the middle of the screen.
    }
  });
}

/**
 * Makes the workstation's only window, without loading anything.
 * @throws Error 'unsafe-web-preferences', before a page could load
 */
export function createWindow({ preload, userData, allowDevTools }: WindowOptions): BrowserWindow {
  const { bounds, maximized } = restoreState(readWindowState(userData), workAreas());
  const window = new BrowserWindow({
    ...bounds,
    minWidth: Math.min(LIMITS.windowWidth, bounds.width),
    minHeight: Math.min(LIMITS.windowHeight, bounds.height),
    show: false,
    autoHideMenuBar: true,
    title: 'SIVIS',
    webPreferences: guardWebPreferences({
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      devTools: allowDevTools,
      // Its dictionaries would be fetched from Google.
      spellcheck: false,
    }),
  });
  if (maximized) window.maximize();
  window.once('ready-to-show', () => {
    window.show();
  });
  rememberPlace(window, userData);
  return window;
}

/** Brings a window to the front, wherever it was. */
export function showWindow(window: BrowserWindow | undefined): void {
  if (window === undefined || window.isDestroyed()) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** Sends to a page that may have gone meanwhile. */
export function sendTo(contents: WebContents, channel: string, message: string): void {
  if (!contents.isDestroyed()) contents.send(channel, message);
}
