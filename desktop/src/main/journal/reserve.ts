import { randomBytes } from 'node:crypto';
import { LIMITS } from '../limits.ts';
import type { JournalDisk } from './disk.ts';

/** Room on the disk that is held back for what is being written when it gets full. */
export interface Reserve {
  /** Holds the room back when there is plenty. Never rejects: a disk without it works as before. */
  keep(freeBytes: number): Promise<void>;
  /** Gives the room up. @returns false when there was none */
  giveUp(): Promise<boolean>;
}

/** @param file the file that takes the room; random bytes, because a file system may pack others into nothing */
export function createReserve(file: string, disk: JournalDisk): Reserve {
  /** `null`: not looked yet. */
  let held: boolean | null = null;
  let making = false;

  async function make(): Promise<void> {
    const part = `${file}.new`;
    await disk.remove(part);
    const open = await disk.create(part);
    try {
      for (let left = LIMITS.reserveBytes; left > 0; left -= LIMITS.reserveChunk)
        await open.append(randomBytes(Math.min(left, LIMITS.reserveChunk)));
      await open.sync();
    } finally {
      await open.close();
    }
    await disk.rename(part, file);
  }

  return {
    async keep(freeBytes) {
      if (held === true || making || freeBytes < LIMITS.reserveFrom) return;
      making = true;
      try {
        if (!(await disk.exists(file))) await make();
        held = true;
      } catch {
        await disk.remove(`${file}.new`).catch(() => undefined);
      } finally {
        making = false;
      }
    },
    async giveUp() {
      if (held === false) return false;
      held = false;
      try {
        const there = await disk.exists(file);
        await disk.remove(file);
        await disk.remove(`${file}.new`);
        return there;
      } catch {
        return false;
      }
    },
  };
}
