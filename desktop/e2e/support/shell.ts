import { expect, type Locator, type Page } from '@playwright/test';
import type { Account } from './service.ts';

/** The parts of the shell by the names that people and screen readers know them by. */

export const rail = (page: Page): Locator => page.getByRole('navigation', { name: 'Skati' });

/** The names of the screens in the rail, without their counts. */
export async function railNames(page: Page): Promise<string[]> {
  const links = await rail(page).getByRole('link').all();
  return Promise.all(links.map(async (link) => (await link.getAttribute('title')) ?? ''));
}

/** Goes to a screen of the rail and waits for its heading. */
export async function goTo(page: Page, screen: string | RegExp): Promise<void> {
  await rail(page).getByRole('link', { name: screen }).first().click();
  await expect(page.getByRole('main')).toHaveAccessibleName(screen);
  await settled(page);
}

/** Waits until the shown screen has its heading and is not loading any more. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('main [aria-busy="true"]')).toHaveCount(0);
}

/** Follows an address of the program. */
export async function openPath(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = `#${to}`;
  }, path);
  await settled(page);
}

export const statusBar = (page: Page): Locator => page.getByRole('contentinfo');

/** The name by which people know this desk, as its status bar says. */
export async function deskName(page: Page): Promise<string> {
  return (await statusBar(page).locator('.desk').innerText()).replace('Darbstacija', '').trim();
}

export const searchField = (page: Page): Locator =>
  page.getByRole('combobox', { name: 'Meklēt', exact: true });

/**
 * Types into the search of the bar until a person is found, and gives the results. The desk's own index is filled
 * a moment after the first synchronisation.
 * @param expected what stands in one of the results
 */
export async function search(page: Page, text: string, expected: string | RegExp): Promise<Locator> {
  const results = page.getByRole('listbox', { name: 'Meklēšanas rezultāti' }).getByRole('option');
  await expect(async () => {
    await searchField(page).fill('');
    await searchField(page).fill(text);
    await expect(results.filter({ hasText: expected }).first()).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 15_000 });
  return results;
}

/** What has the keyboard: tag and name, `body` when it is lost. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return 'body';
    return `${element.tagName.toLowerCase()} ${element.getAttribute('aria-label') ?? element.textContent ?? ''}`
      .trim()
      .slice(0, 80);
  });
}

export async function signOut(page: Page, account: Account): Promise<void> {
  await page.getByRole('button', { name: account.name }).click();
  await page.getByRole('menuitem', { name: 'Izrakstīties' }).click();
  await expect(page.getByRole('heading', { name: 'Pierakstīties' })).toBeVisible();
}
