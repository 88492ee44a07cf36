import { access, mkdir, open, readdir, readFile, rename, rm, statfs } from 'node:fs/promises';
import { syncFolder } from '../atomic-file.ts';

/** A file that only grows. */
export interface JournalFile {
  /** Resolves when the system has the bytes; they are durable after {@link JournalFile.sync}. */
  append(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** All that the journal asks of a disk. Every call rejects with the file system's error. */
export interface JournalDisk {
  makeFolder(folder: string): Promise<void>;
  /** Names in the folder; none when there is no folder. */
  list(folder: string): Promise<readonly string[]>;
  read(file: string): Promise<Uint8Array>;
  /** A new file; rejects when there is one. */
  create(file: string): Promise<JournalFile>;
  exists(file: string): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  /** A file or a folder with all in it; nothing happens when it is not there. */
  remove(path: string): Promise<void>;
  /** Makes names in the folder durable. */
  syncFolder(folder: string): Promise<void>;
  /** Bytes that a user without privileges can still write there. */
  free(folder: string): Promise<number>;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** The disk of this computer. */
export const nodeDisk: JournalDisk = {
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  },
  async list(folder) {
    try {
      return await readdir(folder);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },
  read: (file) => readFile(file),
  async create(file) {
    const handle = await open(file, 'ax', 0o600);
    return {
      append: (bytes) => handle.appendFile(bytes),
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  async exists(file) {
    try {
      await access(file);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  },
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  syncFolder,
  async free(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
};
