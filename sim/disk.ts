import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSqliteStore } from '../sync-service/src/store/sqlite/open.ts';
import type { Store } from '../sync-service/src/store/store.ts';

/** A copy of a store that can be opened instead of it. */
export interface Copy {
  open(): Promise<Store>;
}

/** What a world keeps its store on: an empty store, and a store from the copy of another. */
export interface Disk {
  open(): Promise<Store>;
  copy(store: Store): Promise<Copy>;
  /** Removes everything that the world has left. */
  clear(): void;
}

const PREFIX = 'sivis-sim-';
/** Files of a simulated disk need not outlive the power: where there is a file system in memory they lie there. */
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** The folders bear the number of their process: those of processes that were killed are removed by the next one. */
function removeLeft(): void {
  for (const name of readdirSync(PLACE)) {
    if (!name.startsWith(PREFIX)) continue;
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!isAlive(pid)) rmSync(path.join(PLACE, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

let looked = false;
/** An empty store; making one anew for each world takes longer than reading it. */
let empty: Uint8Array | undefined;

/** A store in memory that begins with what is in a file. */
const storeFrom = (content: Uint8Array): Promise<Store> => openSqliteStore({ file: ':memory:', content });

/** The product's embedded store in memory; a copy goes through its own backup into a file, as a real one does. */
export function memoryDisk(): Disk {
  if (!looked) removeLeft();
  looked = true;
  let folder: string | null = null;
  let copies = 0;
  async function copied(store: Store): Promise<string> {
    folder ??= mkdtempSync(path.join(PLACE, `${PREFIX}${process.pid}-`));
    const file = path.join(folder, `backup-${(copies += 1)}.db`);
    await store.backupTo(file);
    return file;
  }
  return {
    async open() {
      if (empty === undefined) {
        const first = await openSqliteStore({ file: ':memory:' });
        empty = readFileSync(await copied(first));
        await first.close();
      }
      return storeFrom(empty);
    },
    async copy(store) {
      const file = await copied(store);
      return { open: () => storeFrom(readFileSync(file)) };
    },
    clear() {
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
      folder = null;
    },
  };
}
