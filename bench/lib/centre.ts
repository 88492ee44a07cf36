/** The service as it is delivered, on the demonstration centre. */
import { systemClock } from '../../shared/src/time/clock.ts';
import type { Account, Service } from '../../desktop/e2e/support/service.ts';
import { openDataFolder, type DataFolder } from '../../sync-service/src/cli/dataFolder.ts';
import { ensureDemo } from '../../sync-service/src/demo/ensure.ts';
import type { CentreSizeName } from '../../sync-service/src/demo/sizes.ts';

/** Makes a demonstration centre in an empty folder; `more` adds to it. */
export async function makeCentre(
  dataDir: string,
  size: CentreSizeName,
  more: (folder: DataFolder) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const folder = await openDataFolder(dataDir);
  try {
    await ensureDemo(folder.store, { clock: systemClock, dataDir, size });
    await more(folder);
  } finally {
    await folder.store.close();
  }
}

/** Starts the service in a process of its own; it serves the folder of pages as if it were the workstation. */
export async function serveCentre(dataDir: string, statics: string): Promise<Service> {
  // Read by the module when it is loaded.
  process.env['E2E_STATICS'] = statics;
  const { startService } = await import('../../desktop/e2e/support/service.ts');
  return startService(dataDir);
}

export function accountOf(service: Service, role: string): Account {
  const account = service.accounts.find((one) => one.role === role);
  if (account === undefined) throw new Error(`the centre has no ${role}`);
  return account;
}
