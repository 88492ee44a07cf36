import type { Page } from '@playwright/test';
import { arrivals, bookable, ofKind, personOf, quietDay, surname } from '../support/centre.ts';
import { inBrief, openCard } from '../support/client.ts';
import { type Desktop, expect, signIn, synced, test } from '../support/electronTest.ts';
import { book } from '../support/lodging.ts';
import { rail, statusBar } from '../support/shell.ts';
import { word } from '../support/words.ts';
import { formatDate } from '@sivis/shared/time/plainDate.ts';

/** No page of the workstation may ever do any of it. */
const CLEAN = { policy: [], abroad: [], errors: [] };

const locked = (page: Page) => page.getByRole('heading', { name: 'Darbstacija ir bloķēta' });

async function unlock(page: Page, password: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Parole', exact: true }).fill(password);
  await page.getByRole('button', { name: 'Atbloķēt' }).click();
  await expect(rail(page)).toBeVisible();
}

/** In place of the system's dialog: a person who prints what is shown, into a PDF that main keeps. */
async function printIntoMemory(desktop: Desktop): Promise<void> {
  await desktop.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    if (window === undefined) throw new Error('no window');
    const { webContents } = window;
    webContents.print = (_options, callback) => {
      void webContents.printToPDF({ preferCSSPageSize: true, printBackground: true }).then((pdf) => {
        Object.assign(globalThis, { printed: Array.from(pdf) });
        callback?.(true, '');
      });
    };
  });
}

test('books, is closed, and finds everything again without the service', async ({ house, launch }) => {
  const reception = house.account('reception');
  const client = await house.client(reception);
  const [guest] = bookable(await client.everything());
  if (guest === undefined) throw new Error('the centre is full');

  const before = await launch();
  await signIn(before.page, reception);
  await synced(before.page);
  await book(before.page, { person: guest, arrive: quietDay(), depart: quietDay(7) });
  await synced(before.page);
  const stays = ofKind(await client.everything(), 'stay');
  const arrive = stays
    .filter(({ fields }) => fields['personId'] === guest.id)
    .map(({ fields }) => fields['arriveDate']);
  expect(arrive).toContain(quietDay());
  expect(before.misdeeds).toEqual(CLEAN);
  await before.quit();
  expect(await before.ended).toBe(0);

  await house.killService();
  const after = await launch();
  await signIn(after.page, reception);
  await openCard(after.page, guest);
  await expect(inBrief(after.page)).toContainText(formatDate(quietDay()));
  expect(after.misdeeds).toEqual(CLEAN);

  // Killed in the middle of the day: nothing of it is lost.
  await after.kill();
  const again = await launch();
  await signIn(again.page, reception);
  await openCard(again.page, guest);
  await expect(inBrief(again.page)).toContainText(formatDate(quietDay()));
});

test('locks when the computer sleeps, when its screen is locked, and from the menu', async ({
  house,
  launch,
}) => {
  const reception = house.account('reception');
  const desktop = await launch();
  const { page } = desktop;
  await signIn(page, reception);
  for (const event of ['suspend', 'lock-screen'] as const) {
    await desktop.evaluate(({ powerMonitor }, name) => powerMonitor.emit(name), event);
    await expect(locked(page)).toBeVisible();
    await expect(rail(page)).toHaveCount(0);
    await unlock(page, reception.password);
  }
  await desktop.evaluate(({ Menu }) => {
    const [file] = Menu.getApplicationMenu()?.items ?? [];
    file?.submenu?.items[0]?.click();
  });
  await expect(locked(page)).toBeVisible();
  await unlock(page, reception.password);
  await expect(statusBar(page)).toBeVisible();
});

test('prints the lists of the day on A4, in memory', async ({ house, launch }) => {
  const reception = house.account('reception');
  const centre = await (await house.client(reception)).everything();
  const desktop = await launch();
  const { page } = desktop;
  await signIn(page, reception);
  await synced(page);
  await printIntoMemory(desktop);
  await page.keyboard.press('Control+p');
  const dialog = page.getByRole('dialog', { name: word('lodging_day_lists') });
  await expect(dialog.locator('section').first()).toBeVisible();
  const sheets = await dialog.locator('section').count();
  await dialog.getByRole('button', { name: word('lodging_print') }).click();
  const read = () =>
    desktop.evaluate(() => (globalThis as { readonly printed?: readonly number[] }).printed ?? []);
  await expect.poll(async () => (await read()).length).toBeGreaterThan(0);
  const pdf = Buffer.from(await read()).toString('latin1');
  expect(pdf.startsWith('%PDF-')).toBe(true);
  expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(sheets);
  const [arrival] = arrivals(centre);
  if (arrival === undefined) throw new Error('nobody comes today');
  await expect(dialog).toContainText(surname(personOf(centre, String(arrival.fields['personId']))));
});
