import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { arrivals, personOf, surname } from './support/centre.ts';
import { TODAY } from './support/lodging.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

const PDFTOTEXT = ['/usr/bin/pdftotext', '/usr/local/bin/pdftotext'].find((file) => existsSync(file));

/** A4 in points, as PDF counts. */
const A4 = { width: 595, height: 842 };

/** Holds the page as it is while the system's dialog would be open: only what is to be printed is shown to paper. */
async function stopAtPrinter(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.print = () => {
      document.documentElement.dataset['printed'] = 'yes';
      const remove = Element.prototype.removeAttribute;
      Element.prototype.removeAttribute = function (this: Element, name: string) {
        if (!name.startsWith('data-print-')) remove.call(this, name);
      };
    };
  });
}

/** Sizes of the pages of a PDF in points, from its page objects. */
function mediaBoxes(pdf: Buffer): { width: number; height: number }[] {
  return [...pdf.toString('latin1').matchAll(/\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]/g)].map(
    ([, width, height]) => ({ width: Math.round(Number(width)), height: Math.round(Number(height)) }),
  );
}

test('the lists of the day come out on A4, and that they were printed stands in the log', async ({
  house,
}, info) => {
  const reception = house.account('reception');
  const centre = await (await house.client(reception)).everything();
  // Asked for before everything has arrived: the sheets are shown, and can be printed, when they are complete.
  const desk = await house.closedDesk(reception);
  await desk.signIn();
  const { page } = desk;
  await expect(page.getByRole('heading', { level: 1, name: TODAY })).toBeVisible();
  await page.keyboard.press('Control+p');
  const dialog = page.getByRole('dialog', { name: word('lodging_day_lists') });
  await expect(dialog).toBeVisible();
  await expect(dialog.locator('section').first()).toBeVisible();
  const sheets = await dialog.locator('section').count();
  expect(sheets).toBeGreaterThan(1);
  await stopAtPrinter(page);
  await dialog.getByRole('button', { name: word('lodging_print') }).click();
  await expect(page.locator('html')).toHaveAttribute('data-printed', 'yes');

  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  const boxes = mediaBoxes(pdf);
  expect(boxes).toHaveLength(sheets);
  for (const box of boxes) {
    expect(Math.abs(box.width - A4.width)).toBeLessThanOrEqual(1);
    expect(Math.abs(box.height - A4.height)).toBeLessThanOrEqual(1);
  }

  const file = info.outputPath('lists.pdf');
  await writeFile(file, pdf);
  const printed =
    PDFTOTEXT === undefined
      ? (await dialog.locator('section').allInnerTexts()).join('\n')
      : execFileSync(PDFTOTEXT, ['-layout', file, '-']).toString('utf8');
  const expected = arrivals(centre).map((stay) => surname(personOf(centre, String(stay.fields['personId']))));
  expect(expected.length).toBeGreaterThan(0);
  for (const name of expected) expect(printed).toContain(name);
  // Nothing but the lists: no rail, no buttons.
  expect(printed).not.toContain(word('app_palette'));
  expect(printed).toContain(reception.name);

  const auditor = await house.client(house.account('auditor'));
  await expect
    .poll(async () => (await auditor.audit({ actions: ['print'] })).entries.map(({ actorName }) => actorName))
    .toContain(reception.name);
});
