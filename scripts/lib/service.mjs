/** Starts the sync service, hears when it listens, stops it. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Failure } from './failure.mjs';

/** Exit code of a service that found its data folder held by another one: try again. */
const TRY_AGAIN = 75;
const STOP_LIMIT_MS = 10_000;

/**
 * Reads one line of the service's standard output.
 * @param {string} line
 * @returns {{ event: string, [key: string]: unknown } | undefined} undefined for everything but an event
 */
export function readEvent(line) {
  try {
    const value = JSON.parse(line);
    return typeof value === 'object' && value !== null && typeof value.event === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function lastMessages(log, count) {
  try {
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-count);
    return lines.map((line) => {
      try {
        const { msg, err } = JSON.parse(line);
        return [msg, err?.message].filter(Boolean).join(': ');
      } catch {
        return line;
      }
    });
  } catch {
    return [];
  }
}

/**
 * Starts the service. Its log goes to DATA/log/service.log.
 * @param {{ node: string, entry: string, data: string, port: number, statics: string, demo: boolean }} options
 * @returns {{
 *   outcome: Promise<
 *     | { state: 'ready', url: string, accounts: Array<Record<string, string>>, adminLink: string | null }
 *     | { state: 'locked', url: string }
 *   >,
 *   ended: Promise<number>,
 *   stop: () => Promise<void>,
 * }} outcome: it listens, or another service holds the data folder; rejected with a {@link Failure} when it ends
 *   before either. ended: its exit code. stop: asks it to end, after 10 s makes it end.
 */
export function startService({ node, entry, data, port, statics, demo }) {
  const logFile = path.join(data, 'log', 'service.log');
  mkdirSync(path.dirname(logFile), { recursive: true, mode: 0o700 });
  const args = ['serve', '--data', data, '--port', String(port), '--host', '127.0.0.1', '--static', statics];
  const child = spawn(node, [entry, ...args, demo ? '--demo' : '--no-demo'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    // A group of its own, so that Ctrl+C reaches the service once and from here. Windows has no such groups.
    detached: process.platform !== 'win32',
  });
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  child.stderr.pipe(log);

  const ended = new Promise((resolve) => {
    child.once('close', (code) => resolve(code ?? 1));
    child.once('error', () => resolve(1));
  });
  const stop = async () => {
    // On Windows a signal would end it at once; there the console's own Ctrl+C has already reached it.
    if (process.platform !== 'win32') child.kill('SIGTERM');
    const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(limit);
  };

  const outcome = new Promise((resolve, reject) => {
    let locked;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = readEvent(line);
      if (event?.event === 'locked') locked = event;
      if (event?.event === 'ready') {
        const { url, accounts = [], adminLink = null } = event;
        resolve({ state: 'ready', url, accounts, adminLink });
      }
    });
    child.once('error', (error) =>
      reject(new Failure(`Sinhronizācijas servisu neizdevās palaist: ${error.message}`)),
    );
    child.once('close', (code) => {
      if (code === TRY_AGAIN && typeof locked?.url === 'string') {
        resolve({ state: 'locked', url: locked.url });
        return;
      }
      const tail = lastMessages(logFile, 5).map((message) => `  ${message}\n`);
      reject(
        new Failure(
          `Sinhronizācijas serviss apstājās, pirms sāka darbu (kods ${code ?? '?'}). Saglabātie dati paliek savā vietā.\n` +
            `${tail.join('')}Viss žurnāls: ${logFile}`,
        ),
      );
    });
  });
  return { outcome, ended, stop };
}

/**
 * Asks the service that holds the data folder for a one-time code, with which a new desk enrols itself.
 * @param {{ node: string, entry: string, data: string, name: string }} options
 * @returns {Promise<string | undefined>} undefined when it gives none; the desk then asks for a code itself
 */
export function enrolCode({ node, entry, data, name }) {
  const args = [entry, 'device', 'enrol', '--data', data, '--name', name, '--json'];
  return new Promise((resolve) => {
    const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.once('error', () => resolve(undefined));
    child.once('close', () => {
      try {
        const { code } = JSON.parse(output);
        resolve(typeof code === 'string' ? code : undefined);
      } catch {
        resolve(undefined);
      }
    });
  });
}
