import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { LIMITS } from './limits.ts';

/**
 * Writes one line: a fixed word for what happened, and technical details. Never an address with a query,
 * never an argument of a call, never anything about a person.
 */
export type Log = (event: string, details?: Readonly<Record<string, string | number | boolean>>) => void;

function rotate(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LIMITS.logBytes) renameSync(file, `${file}.1`);
}

/**
 * Opens the log of the main process: JSON lines in `folder/main.log`, one older file beside it. A disk that
 * does not take the line does not stop the work.
 */
export function createLog(folder: string, now: () => Date = () => new Date()): Log {
  const file = path.join(folder, 'main.log');
  return (event, details = {}) => {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      rotate(file);
      const line = JSON.stringify({ at: now().toISOString(), event, ...details });
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
    } catch {
      // There is nowhere left to say it.
    }
  };
}
