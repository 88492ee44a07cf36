import type { Page } from '@playwright/test';
import { cursorTo, moveOnBoard, openBoard, underCursor } from './support/board.ts';
import {
  arrivals,
  bannerName,
  bedName,
  freeBeds,
  ofKind,
  personOf,
  segmentsOf,
  surname,
  today,
} from './support/centre.ts';
import { focused, goTo } from './support/shell.ts';
import { TODAY } from './support/lodging.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

/** Presses keys and sees to it that the keyboard is somewhere after each of them. */
async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await expect.poll(() => focused(page), { message: `the focus after ${key}` }).not.toBe('body');
  }
}

test('an arrival is registered by keys alone in at most five interactions', async ({ house }) => {
  const client = await house.client(house.account('reception'));
  const centre = await client.everything();
  // Somebody whose document nobody has looked at yet: the tick is the third interaction.
  const stay = arrivals(centre).find(
    ({ fields }) => !Object.keys(fields['checkin'] ?? {}).includes('identity'),
  );
  if (stay === undefined) throw new Error('nobody arrives today');
  const guest = personOf(centre, String(stay.fields['personId']));
  const { page } = await house.desk('reception');
  await expect(page.getByRole('heading', { level: 1, name: TODAY })).toBeVisible();
  const list = page.getByRole('grid', { name: word('lodging_tab_arrivals') });
  await expect(list).toBeVisible();
  for (
    let tabs = 0;
    tabs < 12 && !(await list.evaluate((grid) => grid === document.activeElement));
    tabs += 1
  ) {
    await press(page, 'Tab');
  }
  await expect(list).toBeFocused();

  let interactions = 0;
  // 1: some letters of the name find the row.
  await page.keyboard.type(guest.familyName.slice(0, 4).toLowerCase(), { delay: 40 });
  await expect(
    page.getByRole('complementary').getByRole('heading', { name: bannerName(guest) }),
  ).toBeVisible();
  interactions += 1;
  // 2: the arrival is opened; typing letters must have come to rest first.
  await page.waitForTimeout(900);
  await press(page, 'r');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  interactions += 1;
  // 3: the document was looked at. It is the first thing the dialog asks.
  await expect(dialog.getByRole('checkbox', { name: word('lodging_check_identity') })).toBeFocused();
  // 4: done, in the same breath: the key counts for the state after the tick.
  await Promise.all([page.keyboard.press('Space'), page.keyboard.press('Control+Enter')]);
  interactions += 2;
  await expect(dialog).toBeHidden();

  expect(interactions).toBeLessThanOrEqual(5);
  await expect.poll(async () => (await client.everything()).get(stay.id)?.fields['state']).toBe('in_house');
  await expect.poll(() => focused(page)).not.toBe('body');
});

test('a stay is moved on the room plan with M and arrows, and Escape leaves all as it was', async ({
  house,
}) => {
  const client = await house.client(house.account('reception'));
  const centre = await client.everything();
  const [movable] = ofKind(centre, 'stay').flatMap((doc) => {
    const [segment, more] = segmentsOf(doc);
    const ordinary = doc.fields['companionOf'] === undefined && doc.fields['mustShareWith'] === undefined;
    if (doc.fields['state'] !== 'expected' || String(doc.fields['arriveDate']) <= today() || !ordinary)
      return [];
    if (typeof segment?.bedId !== 'string' || more !== undefined) return [];
    const [target] = freeBeds(centre, segment.from, segment.to);
    return target === undefined ? [] : [{ stay: doc, bedId: segment.bedId, target }];
  });
  if (movable === undefined) throw new Error('nobody can be moved');
  const { stay, bedId, target } = movable;
  const from = String(stay.fields['arriveDate']);
  const guest = personOf(centre, String(stay.fields['personId']));

  const { page } = await house.desk('reception');
  await openBoard(page);
  await cursorTo(page, bedName(centre, bedId), from, today());
  await expect.poll(() => underCursor(page)).toContain(surname(guest));
  await press(page, 'm', 'ArrowDown', 'Escape');
  expect((await client.everything()).get(stay.id)?.rev).toBe(stay.rev);

  await moveOnBoard(page, bedName(centre, bedId), bedName(centre, target), from, today());
  await expect
    .poll(async () => {
      const now = (await client.everything()).get(stay.id);
      return now === undefined ? null : segmentsOf(now)[0]?.bedId;
    })
    .toBe(target);
  await expect.poll(() => focused(page)).not.toBe('body');
});

test('the palette finds commands, screens and people, and gives the focus back', async ({ house }) => {
  const { page } = await house.desk('reception');
  await goTo(page, TODAY);
  const before = await focused(page);
  await press(page, 'Control+k');
  const field = page.getByRole('combobox', { name: word('app_palette_label') });
  await expect(field).toBeFocused();
  await press(page, 'Escape');
  await expect(field).toHaveCount(0);
  expect(await focused(page)).toBe(before);

  await press(page, 'Control+k');
  await field.fill('istab plan');
  await press(page, 'Enter');
  await expect(page.getByRole('heading', { level: 1, name: word('lodging_board') })).toBeFocused();
});

test('F1 lists every key that works here, and no key is listed twice with two meanings', async ({
  house,
}) => {
  const { page } = await house.desk('reception');
  await goTo(page, TODAY);
  // What the palette shows with a key must stand in the help.
  await press(page, 'Control+k');
  const shown = await page
    .getByRole('listbox', { name: word('app_palette') })
    .getByRole('option')
    .evaluateAll((options) =>
      options.flatMap((option) => {
        const keys = option.querySelector('.keys')?.textContent?.trim() ?? '';
        const title = option.querySelector('.title')?.textContent?.trim() ?? '';
        return keys === '' ? [] : [title];
      }),
    );
  await press(page, 'Escape');
  await press(page, 'F1');
  const dialog = page.getByRole('dialog', { name: word('app_help') });
  await expect(dialog).toBeVisible();
  const listed = await dialog.getByRole('term').allInnerTexts();
  expect(shown.filter((title) => !listed.includes(title))).toEqual([]);
  const keys = (await dialog.getByRole('definition').allInnerTexts()).map((text) => text.replace(/\s+/g, ''));
  for (const key of [
    'CtrlK',
    'F1',
    'F3',
    'F5',
    'F6',
    'F8',
    'Ctrl1',
    'Ctrl2',
    'CtrlEnter',
    'CtrlP',
    'CtrlL',
    'R',
    'I',
    'D',
  ]) {
    expect(
      keys.some((text) => text.includes(key)),
      `${key} in the help: ${keys.join(' ')}`,
    ).toBe(true);
  }
  await press(page, 'Escape');
  await expect(dialog).toBeHidden();
  await expect.poll(() => focused(page)).not.toBe('body');
});

test('every screen of the rail is reached by Ctrl and its number, and F6 walks the panes', async ({
  house,
}) => {
  const { page } = await house.desk('dutyManager');
  const links = await page.getByRole('navigation', { name: 'Skati' }).getByRole('link').all();
  const names = await Promise.all(links.map((link) => link.getAttribute('title')));
  for (const [index, name] of names.entries()) {
    await press(page, `Control+${index + 1}`);
    await expect(page.getByRole('main')).toHaveAccessibleName(name ?? '');
    await expect.poll(() => focused(page)).not.toBe('body');
  }
  const seen = new Set<string>();
  for (let step = 0; step < 6; step += 1) {
    await press(page, 'F6');
    seen.add(await focused(page));
  }
  expect(seen.size).toBeGreaterThan(2);
});
