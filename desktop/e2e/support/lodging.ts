import { expect, type Locator, type Page } from '@playwright/test';
import { formatDate, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import { bannerName, type Person } from './centre.ts';
import { goTo, rail, statusBar } from './shell.ts';
import { word } from './words.ts';

/** What the reception does, as a person does it at the screen. */

export const TODAY = word('lodging_today');

const dialog = (page: Page): Locator => page.getByRole('dialog');

/** Runs a command of the palette by its name. */
export async function command(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: word('app_palette_label') });
  await field.fill(name);
  await page
    .getByRole('listbox', { name: word('app_palette') })
    .getByRole('option', { name })
    .first()
    .click();
}

export interface BookingWish {
  readonly person: Person;
  readonly arrive?: PlainDate;
  readonly depart?: PlainDate;
  /** `103 A`; otherwise the product's first offer. */
  readonly bed?: string;
}

/** Fills the open booking dialog and confirms it; waits until it is gone, which is when all is on disk. */
export async function fillBooking(page: Page, { person, arrive, depart, bed }: BookingWish): Promise<void> {
  const box = dialog(page);
  await expect(box).toBeVisible();
  // What a killed desk had begun is there again; this is another booking.
  const anew = box.getByRole('button', { name: word('lodging_draft_anew') });
  if (await anew.isVisible()) await anew.click();
  await box
    .getByRole('textbox', { name: word('lodging_client') })
    .fill(`${person.familyName} ${person.givenName}`);
  await box
    .getByRole('option', { name: bannerName(person) })
    .first()
    .click();
  for (const [label, date] of [
    [word('lodging_arrive_date'), arrive],
    [word('lodging_depart_date'), depart],
  ] as const) {
    if (date === undefined) continue;
    const field = box.getByRole('textbox', { name: label });
    await field.fill(formatDate(date));
    await field.press('Tab');
  }
  if (bed !== undefined) {
    await box.getByRole('textbox', { name: word('lodging_bed_search') }).fill(bed);
    await expect(box.getByRole('radio', { name: new RegExp(`^${bed}`) })).toBeChecked();
  }
  await page.keyboard.press('Control+Enter');
  await expect(box).toBeHidden();
}

/** Books through "Jauns" on the screen of today. */
export async function book(page: Page, wish: BookingWish): Promise<void> {
  await rail(page).getByRole('link', { name: TODAY }).click();
  await page.getByRole('button', { name: word('app_new'), exact: true }).click();
  await page.getByRole('menuitem', { name: word('lodging_new_booking') }).click();
  await fillBooking(page, wish);
}

/** The rows of one list of today. */
export async function todayList(
  page: Page,
  tab: 'arrivals' | 'departures' | 'in_house' | 'on_leave' = 'arrivals',
): Promise<Locator> {
  await goTo(page, TODAY);
  const name = word(`lodging_tab_${tab}`);
  await page.getByRole('tab', { name }).click();
  return page.getByRole('grid', { name }).getByRole('row');
}

/** Chooses a guest in a list of today by letters, as one does at a list with the focus. */
export async function chooseRow(page: Page, rows: Locator, person: Person): Promise<void> {
  const row = rows
    .filter({ hasText: person.familyName.toLocaleUpperCase('lv') })
    .filter({ hasText: person.givenName });
  await row.first().click();
  await expect(
    page.getByRole('complementary').getByRole('heading', { name: bannerName(person) }),
  ).toBeVisible();
}

/** Registers an arrival: identity seen, confirmed. */
export async function checkIn(page: Page, person: Person): Promise<void> {
  const rows = await todayList(page, 'arrivals');
  await chooseRow(page, rows, person);
  await page.keyboard.press('r');
  const box = dialog(page);
  await box.getByRole('checkbox', { name: word('lodging_check_identity') }).check();
  await page.keyboard.press('Control+Enter');
  await expect(box).toBeHidden();
}

/** Takes the last act back. */
export async function undo(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.locator('main h1').focus();
  await page.keyboard.press('Control+z');
}

/** How many changes wait, as the status bar says. */
export async function waiting(page: Page): Promise<number> {
  const words = await statusBar(page).innerText();
  const found = /(\d+)\s+(?:nesinhronizēt|izmaiņ|gaida)/.exec(words);
  return found === null ? 0 : Number(found[1]);
}
