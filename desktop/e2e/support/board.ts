import { expect, type Locator, type Page } from '@playwright/test';
import { type PlainDate } from '@sivis/shared/time/plainDate.ts';
import { goTo } from './shell.ts';
import { word } from './words.ts';

/** The room plan by keyboard: what a screen reader hears is what these read. */

export const chart = (page: Page): Locator => page.getByRole('grid', { name: word('lodging_board') });

export async function openBoard(page: Page): Promise<Locator> {
  await goTo(page, word('lodging_board'));
  const grid = chart(page);
  await expect(grid).toBeVisible();
  await grid.focus();
  return grid;
}

/**
 * What the cell or bar under the cursor is called: `103 A, sestdiena, 2026. gada 21. novembris, brīva`. After a key the
 * chart may still be drawing the row: it is waited for, `''` when nothing comes.
 */
export function underCursor(page: Page): Promise<string> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 60; frame += 1) {
      const id = document.activeElement?.getAttribute('aria-activedescendant') ?? '';
      const words = document.getElementById(id)?.getAttribute('aria-label') ?? '';
      if (words !== '') return words;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return '';
  });
}

const MOST_STEPS = 120;

/**
 * Puts the cursor on a bed and a day.
 * @param bed `103 A`
 * @returns how many rows below the first one it stands
 * @throws Error when no row of the plan is called so
 */
export async function cursorTo(page: Page, bed: string, day: PlainDate, today: PlainDate): Promise<number> {
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('t');
  for (let step = 0; step < MOST_STEPS; step += 1) {
    if ((await underCursor(page)).startsWith(`${bed}, `)) {
      const days = Math.round((Date.parse(day) - Date.parse(today)) / 86_400_000);
      const way = days < 0 ? 'ArrowLeft' : 'ArrowRight';
      for (let at = 0; at < Math.floor(Math.abs(days) / 7); at += 1)
        await page.keyboard.press(`Control+${way}`);
      for (let at = 0; at < Math.abs(days) % 7; at += 1) await page.keyboard.press(way);
      return step;
    }
    await page.keyboard.press('ArrowDown');
  }
  throw new Error(`the plan has no bed ${bed}`);
}

/** The bars that carry a name, as far as they are in sight. */
export const barsOf = (page: Page, name: string): Locator =>
  chart(page).getByRole('gridcell', { name: new RegExp(name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) });

/** Moves the stay that begins on `day` from one bed to another, by keys alone: M, arrows, Enter. */
export async function moveOnBoard(
  page: Page,
  from: string,
  to: string,
  day: PlainDate,
  today: PlainDate,
): Promise<void> {
  const target = await cursorTo(page, to, day, today);
  const start = await cursorTo(page, from, day, today);
  await page.keyboard.press('m');
  for (let step = 0; step < Math.abs(target - start); step += 1) {
    await page.keyboard.press(target > start ? 'ArrowDown' : 'ArrowUp');
  }
  await page.keyboard.press('Enter');
}
