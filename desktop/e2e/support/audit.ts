import { expect, type Locator, type Page } from '@playwright/test';
import { word } from './words.ts';

/** The entries of the audit log, as far as they are in sight. */
export const auditLog = (page: Page): Locator => page.getByRole('grid', { name: word('oversight_audit') });

/** Narrows the log to changes: creating, changing, taking back. */
export async function showChanges(page: Page): Promise<void> {
  await page.getByRole('button', { name: word('oversight_col_action'), exact: true }).click();
  await page.getByRole('menuitem', { name: word('oversight_group_changes') }).click();
  await expect(page.getByRole('button', { name: word('oversight_group_changes') })).toBeVisible();
}
