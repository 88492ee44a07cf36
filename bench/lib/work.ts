/** The work of a page in a new browser context: an empty store, cold code. */
import type { Browser } from '@playwright/test';
import { openPage } from './browser.ts';

export async function inPage(browser: Browser, url: string, ...args: unknown[]): Promise<number> {
  const context = await browser.newContext();
  try {
    const page = await openPage(context, url);
    await page.waitForFunction(() => window.work?.ready);
    return await page.evaluate((given) => window.work.run(...(given as never[])), args);
  } finally {
    await context.close();
  }
}
