import { type Browser, type BrowserContext, expect, type Locator, type Page } from '@playwright/test';
import { type OwnBrowser, startOwnBrowser } from './browser.ts';
import { type Cable, layCable } from './cable.ts';
import type { Account } from './service.ts';
import { type Misdeeds, watchContext } from './watch.ts';

/** One workstation: an origin, a browser profile and a network cable of its own. */
export interface Desk {
  readonly account: Account;
  readonly cable: Cable;
  readonly page: Page;
  readonly context: BrowserContext;
  readonly misdeeds: Misdeeds;
  /** Fills the sign-in that is shown and waits for the work area. */
  signIn(account?: Account): Promise<void>;
  /** The synchronisation status in the status bar. */
  readonly sync: Locator;
  /** Waits until nothing waits and everything was received. */
  synced(): Promise<void>;
  /** Kills the browser; only for a desk with a profile folder. */
  kill(): Promise<void>;
  /** Starts the killed browser anew on its folder and opens the workstation. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface DeskOptions {
  readonly servicePort: number;
  readonly account: Account;
  /** A folder for a browser process of the desk's own; otherwise a context of the shared browser. */
  readonly profile?: string | undefined;
}

const VIEWPORT = { width: 1366, height: 768 };

/** Fills in the sign-in as a person does. */
async function fillSignIn(page: Page, account: Account): Promise<void> {
  await page.getByRole('textbox', { name: 'Lietotājs', exact: true }).fill(account.user);
  await page.getByRole('textbox', { name: 'Parole', exact: true }).fill(account.password);
  await page.getByRole('button', { name: 'Pierakstīties' }).click();
  await expect(page.getByRole('navigation', { name: 'Skati' })).toBeVisible({ timeout: 30_000 });
}

/** Opens the workstation in a desk of its own and shows its sign-in. */
export async function openDesk(browser: Browser, options: DeskOptions): Promise<Desk> {
  const { account, profile } = options;
  const cable = await layCable(options.servicePort);
  let own: OwnBrowser | undefined;
  let context: BrowserContext;
  let page: Page;
  let misdeeds: Misdeeds;

  async function begin(): Promise<void> {
    if (profile === undefined) context = await browser.newContext();
    else {
      own = await startOwnBrowser(profile);
      context = own.context;
    }
    misdeeds = await watchContext(context);
    page = context.pages()[0] ?? (await context.newPage());
    await page.setViewportSize(VIEWPORT);
    await page.goto(cable.url);
  }

  await begin();
  return {
    account,
    cable,
    get page() {
      return page;
    },
    get context() {
      return context;
    },
    get misdeeds() {
      return misdeeds;
    },
    get sync() {
      return page.getByRole('contentinfo').getByRole('button').first();
    },
    signIn: (who = account) => fillSignIn(page, who),
    async synced() {
      await expect(page.getByRole('contentinfo')).toContainText('Sinhronizēts', { timeout: 60_000 });
    },
    async kill() {
      await own?.kill();
    },
    start: begin,
    async close() {
      if (own === undefined) await context.close();
      else await own.close();
      await cable.close();
    },
  };
}
