/** Electron's runtime: is it there, can it be fetched quickly, start the workstation in it. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './project.mjs';

const FETCH_LIMIT_MS = 15_000;
/** After a download that failed the next starts do not wait for another one. */
const RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * The Electron binary, when its runtime is there.
 * @param {{ root?: string, env?: Record<string, string | undefined>, platform?: string }} [system]
 * @returns {string | undefined}
 */
export function findElectron({ root = ROOT, env = process.env, platform = process.platform } = {}) {
  const inside =
    { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[platform] ?? 'electron';
  const home = path.join(root, 'node_modules/electron');
  if (env.ELECTRON_OVERRIDE_DIST_PATH) {
    const file = path.join(env.ELECTRON_OVERRIDE_DIST_PATH, inside);
    return existsSync(file) ? file : undefined;
  }
  // path.txt is written last: without it an unpacking was cut short.
  const file = path.join(home, 'dist', inside);
  return existsSync(path.join(home, 'path.txt')) && existsSync(file) ? file : undefined;
}

function failedLately(mark) {
  try {
    return Date.now() - statSync(mark).mtimeMs < RETRY_AFTER_MS;
  } catch {
    return false;
  }
}

/**
 * Finds the runtime or tries to fetch it, for 15 seconds at most.
 * @param {string} node the Node that runs the download
 * @param {{ root?: string, env?: Record<string, string | undefined>, limitMs?: number }} [options]
 * @returns {Promise<string | undefined>} the binary, or undefined when there is none; never throws
 */
export async function obtainElectron(
  node,
  { root = ROOT, env = process.env, limitMs = FETCH_LIMIT_MS } = {},
) {
  const there = findElectron({ root, env });
  const installer = path.join(root, 'node_modules/electron/install.js');
  const mark = path.join(root, 'node_modules/.sivis-electron-failed');
  if (there !== undefined || env.ELECTRON_OVERRIDE_DIST_PATH) return there;
  if (!existsSync(installer) || failedLately(mark)) return undefined;
  await new Promise((resolve) => {
    const child = spawn(node, [installer], { stdio: 'ignore', windowsHide: true });
    const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.on('error', resolve);
    child.on('close', () => {
      clearTimeout(limit);
      resolve(undefined);
    });
  });
  const fetched = findElectron({ root, env });
  if (fetched === undefined) writeFileSync(mark, '');
  return fetched;
}

/**
 * Opens the workstation in Electron.
 * @param {string} binary
 * @param {string} url where the service is reached; handed over as SIVIS_SERVICE_URL
 * @param {{ root?: string, desk?: number }} [options] each desk has a profile of its own
 */
export function openElectron(binary, url, { root = ROOT, desk = 1 } = {}) {
  const main = JSON.parse(readFileSync(path.join(root, 'desktop/package.json'), 'utf8')).main;
  const child = spawn(binary, [path.resolve(root, 'desktop', main)], {
    cwd: path.join(root, 'desktop'),
    env: { ...process.env, SIVIS_SERVICE_URL: url, SIVIS_DESK: String(desk) },
    stdio: 'ignore',
  });
  child.on('error', () => {});
  child.unref();
}
