import AxeBuilder from '@axe-core/playwright';
import { addDays } from '@sivis/shared/time/plainDate.ts';
import { cursorTo, openBoard, underCursor } from './support/board.ts';
import { bannerName, bedName, freeBeds, ofKind, personOf, quietDay, today } from './support/centre.ts';
import { chooseRow, todayList, undo } from './support/lodging.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

test('an early departure keeps what was seen of key and belongings, and is taken back whole', async ({
  house,
}) => {
  const client = await house.client(house.account('reception'));
  const centre = await client.everything();
  const stay = ofKind(centre, 'stay').find(
    ({ fields }) =>
      fields['state'] === 'in_house' &&
      String(fields['arriveDate']) < today() &&
      today() < String(fields['departDate']) &&
      Object.keys(fields['checkin'] ?? {}).includes('key'),
  );
  if (stay === undefined) throw new Error('nobody with a key is here');
  const guest = personOf(centre, String(stay.fields['personId']));
  const { page } = await house.desk('reception');
  await chooseRow(page, await todayList(page, 'in_house'), guest);
  await page.keyboard.press('i');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(bannerName(guest));
  // Leaves before the planned day: the nights that come are freed, and the undo takes them again.
  await dialog.getByRole('combobox', { name: word('lodging_reason') }).selectOption({ index: 1 });
  // The first box is the key, the second the belongings; what is typed last counts without leaving the field.
  await dialog.getByRole('checkbox').nth(0).press('Space');
  await dialog.getByRole('checkbox').nth(1).press('Space');
  await dialog.getByRole('textbox', { name: word('lodging_checkout_note') }).fill('lietussargs reģistratūrā');
  await page.keyboard.press('Control+Enter');
  await expect(dialog).toBeHidden();
  await expect
    .poll(async () => (await client.everything()).get(stay.id)?.fields)
    .toMatchObject({
      state: 'departed',
      checkout: { keyReturned: true, belongings: true, note: 'lietussargs reģistratūrā' },
    });

  await undo(page);
  await expect.poll(async () => (await client.everything()).get(stay.id)?.fields['state']).toBe('in_house');
  const back = (await client.everything()).get(stay.id)?.fields ?? {};
  expect(back).not.toHaveProperty('checkout');
  expect(back).not.toHaveProperty('checkedOutAt');
  expect(back['segments']).toEqual(stay.fields['segments']);
});

test('a menu that is asked for low in the window stays in it, with its last entry within reach', async ({
  house,
}) => {
  const { page } = await house.desk('reception');
  await page.setViewportSize({ width: 1366, height: 400 });
  const rows = await todayList(page, 'arrivals');
  await expect(rows.nth(3)).toBeVisible();
  await rows.nth(3).click({ button: 'right' });
  const menu = page.getByRole('menu');
  await expect(menu).toBeVisible();
  await page.keyboard.press('End');
  const box = await menu.boundingBox();
  if (box === null) throw new Error('the menu has no place');
  expect(box.y).toBeGreaterThanOrEqual(0);
  expect(box.y + box.height).toBeLessThanOrEqual(400);
  await expect(page.getByRole('menuitem').last()).toBeInViewport();
});

test('a bed is closed on the plan by keys, the block is readable when it is selected, and opens again', async ({
  house,
}) => {
  const client = await house.client(house.account('dutyManager'));
  const centre = await client.everything();
  const from = quietDay();
  const [bedId] = freeBeds(centre, from, addDays(from, 3));
  if (bedId === undefined) throw new Error('no bed is free');
  const bed = bedName(centre, bedId);
  const { page } = await house.desk('dutyManager');
  await openBoard(page);
  await cursorTo(page, bed, from, today());
  await page.keyboard.press('b');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: word('lodging_reason') }).fill('Remonts');
  await page.keyboard.press('Control+Enter');
  await expect(dialog).toBeHidden();
  await expect.poll(() => underCursor(page)).toContain('Remonts');
  await page.keyboard.press(' ');
  await expect(page.locator('.tape-bar.is-selected.tone-block')).toBeVisible();
  const { violations } = await new AxeBuilder({ page })
    .include('.tape-bar.is-selected.tone-block')
    .withRules(['color-contrast'])
    .analyze();
  expect(violations).toEqual([]);
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menuitem', { name: word('lodging_unblock') }).click();
  await expect.poll(() => underCursor(page)).not.toContain('Remonts');
});
