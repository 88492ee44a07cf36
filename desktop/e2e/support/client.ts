import { expect, type Locator, type Page } from '@playwright/test';
import { bannerName, type Person } from './centre.ts';
import { openPath } from './shell.ts';
import { word } from './words.ts';

/** The card of a client. */

export async function openCard(page: Page, person: Person): Promise<void> {
  await openPath(page, `/klienti/${person.id}`);
  await expect(page.getByRole('heading', { level: 1, name: bannerName(person) })).toBeVisible();
}

/** The line of a field: its label, its value, its button. */
export const fieldLine = (page: Page, label: string): Locator =>
  page
    .getByRole('main')
    .getByText(label, { exact: true })
    .locator('xpath=ancestor::div[contains(concat(" ", @class, " "), " field ")]');

/** Changes a text field of the card in place, and waits until it is written. */
export async function changeField(page: Page, label: string, value: string): Promise<void> {
  await fieldLine(page, label).getByRole('button').first().click();
  const field = page.getByRole('textbox', { name: label });
  await field.fill(value);
  await field.press('Enter');
  await expect(field).toHaveCount(0);
  await expect(fieldLine(page, label)).toContainText(value);
}

/** What the card says about the present or the next stay. */
export const inBrief = (page: Page): Locator =>
  page.getByRole('complementary', { name: word('people_aside') });
