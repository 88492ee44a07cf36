import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSqliteStore } from '../sync-service/src/store/sqlite/open.ts';
import type { Disk } from './world.ts';

/** The product's embedded store in memory; a copy goes through its own backup into a file, as a real one does. */
export const memoryDisk: Disk = {
  open: () => openSqliteStore({ file: ':memory:' }),
  async copy(store) {
    const folder = mkdtempSync(path.join(tmpdir(), 'sivis-sim-'));
    const file = path.join(folder, 'backup.db');
    await store.backupTo(file);
    return {
      async open() {
        const restored = await openSqliteStore({ file });
        const close = restored.close.bind(restored);
        return {
          ...restored,
          close: async () => {
            await close();
            rmSync(folder, { recursive: true, force: true });
          },
        };
      },
    };
  },
};
