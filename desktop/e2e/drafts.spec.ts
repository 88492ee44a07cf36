import type { Page } from '@playwright/test';
import { bookable } from './support/centre.ts';
import { fieldLine, openCard } from './support/client.ts';
import { rail } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word, wordPattern } from './support/words.ts';

/** What the product promises: a killed desk loses no more than the last second of typing. */
const LOST_AT_MOST_MS = 1_000;

const TYPED = 'Zilupes apkaime';
const COUNTRY = word('oversight_field_country');

async function unlock(page: Page, password: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Parole', exact: true }).fill(password);
  await page.getByRole('button', { name: 'Atbloķēt' }).click();
  await expect(rail(page)).toBeVisible();
}

test('a text that was not committed is there after the lock and after a crash, until it is given up', async ({
  house,
}) => {
  const client = await house.client(house.account('reception'));
  const [person] = bookable(await client.everything());
  if (person === undefined) throw new Error('the centre has nobody to book');
  const desk = await house.desk('reception', { own: true });
  const line = () => fieldLine(desk.page, COUNTRY);
  const draft = () => line().getByText(word('people_draft', { text: TYPED }));

  await openCard(desk.page, person);
  await line().getByRole('button').first().click();
  await desk.page.getByRole('textbox', { name: COUNTRY }).fill(TYPED);
  await desk.page.keyboard.press('Control+l');
  await unlock(desk.page, desk.account.password);
  await openCard(desk.page, person);
  await expect(draft()).toBeVisible();

  await line()
    .getByRole('button', { name: word('people_draft_go_on') })
    .click();
  const field = desk.page.getByRole('textbox', { name: COUNTRY });
  await expect(field).toHaveValue(TYPED);
  await field.fill(`${TYPED} 2`);
  await desk.page.waitForTimeout(LOST_AT_MOST_MS);
  await desk.kill();
  await desk.start();
  await desk.signIn();
  await openCard(desk.page, person);
  await expect(line()).toContainText(word('people_draft', { text: `${TYPED} 2` }));

  await line()
    .getByRole('button', { name: word('people_draft_discard') })
    .click();
  await expect(line()).not.toContainText(TYPED);
  await desk.page.keyboard.press('Control+l');
  await unlock(desk.page, desk.account.password);
  await openCard(desk.page, person);
  await expect(line()).not.toContainText(TYPED);
});

test('a half-filled booking is kept over the lock, told about, and gone when it is given up', async ({
  house,
}) => {
  const client = await house.client(house.account('reception'));
  const [person] = bookable(await client.everything());
  if (person === undefined) throw new Error('the centre has nobody to book');
  const desk = await house.desk('reception');
  const { page } = desk;
  const open = async (): Promise<void> => {
    await openCard(page, person);
    await page.getByRole('button', { name: word('people_new_booking') }).click();
  };
  const service = page.getByRole('textbox', { name: word('lodging_service') });

  await open();
  await service.fill(TYPED);
  await page.keyboard.press('Control+l');
  await unlock(page, desk.account.password);
  await expect(page.getByText(wordPattern('app_draft_kept'))).toContainText(word('app_draft_booking'));

  await open();
  await expect(service).toHaveValue(TYPED);
  await expect(page.getByText(word('lodging_draft_restored'))).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: word('app_keep_discard') }).click();
  await open();
  await expect(service).not.toHaveValue(TYPED);
  await expect(page.getByText(word('lodging_draft_restored'))).toHaveCount(0);
});
