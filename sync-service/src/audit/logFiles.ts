import { open, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { LogReader } from '@sivis/shared/tlog/tiles.ts';

/** The published files of a log: read by anybody who verifies, written by the publisher only. */
export interface LogFiles extends LogReader {
  /** Durable when it resolves; never seen half written. */
  write(file: string, bytes: Uint8Array): Promise<void>;
  /** Removes a file or a folder; nothing happens when there is none. */
  remove(file: string): Promise<void>;
}

/** A path inside the folder; throws for one that leads out of it. */
function inside(dir: string, file: string): string {
  const full = path.resolve(dir, file);
  if (full !== dir && !full.startsWith(`${dir}${path.sep}`)) throw new RangeError('a path outside the log');
  return full;
}

export function logFolder(folder: string): LogFiles {
  const dir = path.resolve(folder);
  return {
    async read(file) {
      try {
        return await readFile(inside(dir, file));
      } catch (error) {
        if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as { code?: string }).code ?? ''))
          return undefined;
        throw error;
      }
    },
    async write(file, bytes) {
      const target = inside(dir, file);
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
      const part = `${target}.${process.pid}.part`;
      const handle = await open(part, 'w', 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(part, target);
    },
    remove: (file) => rm(inside(dir, file), { recursive: true, force: true }),
  };
}

/** Files in memory, for tests and simulated worlds. */
export function logInMemory(files = new Map<string, Uint8Array>()): LogFiles {
  return {
    read: async (file) => files.get(file),
    write: async (file, bytes) => {
      files.set(file, Uint8Array.from(bytes));
    },
    remove: async (file) => {
      for (const known of files.keys())
        if (known === file || known.startsWith(`${file}/`)) files.delete(known);
    },
  };
}
