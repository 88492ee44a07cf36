/** Opens an address in the user's browser; finds a Chromium for the tests. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * Whether somebody can see a window.
 * @param {Record<string, string | undefined>} [env]
 * @param {string} [platform]
 */
export function hasScreen(env = process.env, platform = process.platform) {
  if (env.CI && env.CI !== 'false') return false;
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * The command that opens an address.
 * @param {string} url
 * @param {string} [platform]
 * @returns {[string, string[]]}
 */
export function openCommand(url, platform = process.platform) {
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]];
  return [platform === 'darwin' ? 'open' : 'xdg-open', [url]];
}

/** @param {string} url opens it; that it could not be opened is no failure, the address stands on the screen */
export function openBrowser(url) {
  const [command, args] = openCommand(url);
  const child = spawn(command, args, { stdio: 'ignore', detached: true, windowsHide: true });
  child.on('error', () => {});
  child.unref();
}

const LINUX = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'chrome',
];
const MAC = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];
const WINDOWS = [
  'Google/Chrome/Application/chrome.exe',
  'Microsoft/Edge/Application/msedge.exe',
  'Chromium/Application/chrome.exe',
];

function candidates(env, platform) {
  if (platform === 'darwin') return MAC;
  if (platform === 'win32') {
    const homes = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter(Boolean);
    return homes.flatMap((home) => WINDOWS.map((file) => path.win32.join(home, file)));
  }
  const folders = [...new Set(['/usr/bin', ...(env.PATH ?? '').split(':').filter(Boolean), '/snap/bin'])];
  return LINUX.flatMap((name) => folders.map((folder) => path.posix.join(folder, name)));
}

/**
 * A Chromium, Chrome or Edge of this computer.
 * @param {{ env?: Record<string, string | undefined>, platform?: string, exists?: (file: string) => boolean }} [system]
 * @returns {string | undefined} CHROME_PATH when it is set and there, else the first that is found
 */
export function findChromium({ env = process.env, platform = process.platform, exists = existsSync } = {}) {
  if (env.CHROME_PATH && exists(env.CHROME_PATH)) return env.CHROME_PATH;
  return candidates(env, platform).find((file) => exists(file));
}
