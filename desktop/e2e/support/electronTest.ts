import { expect, type Page } from '@playwright/test';
import type { Account } from './service.ts';
import { test as base } from './test.ts';
import { type Misdeeds, watchContext } from './watch.ts';
import { startWorkstation, type Workstation, type WorkstationOptions } from './workstation.ts';

/** A workstation of a test, and what its page did that no page may do. */
export interface Desktop extends Workstation {
  readonly misdeeds: Misdeeds;
}

interface Fixtures {
  /**
   * Starts the built workstation on a profile folder of the test's house, by default the same one each time.
   * @param options the service is the house's own unless it is named
   */
  launch(options?: Partial<WorkstationOptions> & { readonly profile?: string }): Promise<Desktop>;
}

const VIEWPORT = { width: 1366, height: 768 };

/** The page of the workstation as it was loaded first has not been watched: it is loaded anew. */
async function watched(workstation: Workstation): Promise<Misdeeds> {
  const { context, page } = workstation;
  await page.waitForURL(/^(?:https|app):/);
  const misdeeds = await watchContext(context);
  await page.setViewportSize(VIEWPORT);
  await page.reload();
  return misdeeds;
}

/** `test` with a centre of its own and workstations on it. */
export const test = base.extend<Fixtures>({
  launch: async ({ house }, use) => {
    const started: Workstation[] = [];
    await use(async ({ profile = 'workstation', ...options } = {}) => {
      const workstation = await startWorkstation({
        home: house.folder(profile),
        serviceUrl: house.service.url,
        ...options,
      });
      started.push(workstation);
      return Object.assign(workstation, { misdeeds: await watched(workstation) });
    });
    await Promise.all(started.map((one) => one.kill().catch(() => undefined)));
  },
});

export { expect };

/** Fills in the sign-in as a person does, and waits for the work area. */
export async function signIn(page: Page, account: Account): Promise<void> {
  await page.getByRole('textbox', { name: 'Lietotājs', exact: true }).fill(account.user);
  await page.getByRole('textbox', { name: 'Parole', exact: true }).fill(account.password);
  await page.getByRole('button', { name: 'Pierakstīties' }).click();
  await expect(page.getByRole('navigation', { name: 'Skati' })).toBeVisible({ timeout: 30_000 });
}

/** Waits until nothing waits and everything was received. */
export async function synced(page: Page): Promise<void> {
  await expect(page.getByRole('contentinfo')).toContainText('Sinhronizēts', { timeout: 60_000 });
}
