import { goTo } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

const TITLE = 'Piezvanīt taksometram';

test('a task is handed to a colleague by name, and both desks say whose it is', async ({ house }) => {
  const here = await house.desk('reception');
  const there = await house.desk('reception', { n: 1 });
  const { page } = here;
  await goTo(page, word('work_tasks'));
  await page
    .getByRole('main')
    .getByRole('button', { name: word('work_new_task') })
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: word('work_field_title') }).fill(TITLE);
  await dialog.getByRole('button', { name: word('work_create') }).click();
  await expect(dialog).toBeHidden();

  const rowOf = (desk: typeof here) =>
    desk.page.getByRole('grid').getByRole('row').filter({ hasText: TITLE });
  const detail = page.getByRole('complementary');
  await detail.getByRole('button', { name: word('work_hand_over'), exact: true }).click();
  await page.getByRole('menuitem', { name: there.account.name }).click();
  // It is not mine any more; among all of them it stands with its new owner.
  await expect(rowOf(here)).toHaveCount(0);
  await page.getByRole('button', { name: new RegExp(`^${word('work_list_all')}`) }).click();
  await expect(rowOf(here)).toContainText(there.account.name);

  await goTo(there.page, word('work_tasks'));
  await expect(rowOf(there)).toContainText(word('work_owner_me'));
  // Whoever lost his account keeps his name: tasks and clashes still say whose they were.
  const it = await house.client(house.account('it'));
  const users = await house.client(house.account('reception', 1));
  await it.post('/api/users/update', { id: users.userId, disabled: true });
  await page
    .getByRole('main')
    .getByRole('button', { name: word('work_new_task') })
    .click();
  await expect(
    page
      .getByRole('dialog')
      .getByRole('combobox', { name: word('work_field_owner') })
      .locator('option', {
        hasText: there.account.name,
      }),
  ).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(rowOf(here)).toContainText(there.account.name);
});
