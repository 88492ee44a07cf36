import { goTo, openPath, rail } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

test('a new workstation is enrolled by a one-time code, and nobody signs in at it before', async ({
  house,
}) => {
  const it = await house.desk('it');
  await house.restart({ SIVIS_OPEN_ENROLMENT: 'never' });
  const desk = await house.closedDesk(house.account('reception'));
  const { page } = desk;
  await expect(page.getByRole('heading', { name: word('app_enrol') })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Parole' })).toHaveCount(0);

  const code = page.getByRole('textbox', { name: word('app_enrol_code') });
  await expect(code).toBeFocused();
  await code.fill('ABCD-EFGH-JKMN-PQRS-TVWX-YZ23');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Kods nav pareizs');

  await goTo(it.page, word('fleet_devices'));
  await it.page.getByRole('button', { name: word('fleet_new_desk') }).click();
  const dialog = it.page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: word('fleet_col_name') }).fill('Reģ-7');
  await dialog.getByRole('button', { name: word('fleet_code_make') }).click();
  const made = (await dialog.getByRole('status', { name: word('fleet_code') }).textContent()) ?? '';
  expect(made).toMatch(/^[0-9A-Z-]{29}$/);
  await dialog.getByRole('button', { name: word('fleet_code_done') }).click();

  await code.fill(` ${made.toLowerCase().replaceAll('-', ' ')} `);
  await page.getByRole('button', { name: word('app_enrol_action') }).click();
  await expect(page.getByText('Reģ-7')).toBeVisible();
  await desk.signIn();
  await desk.synced();

  // The code is spent.
  const other = await house.closedDesk(house.account('reception'));
  await other.page.getByRole('textbox', { name: word('app_enrol_code') }).fill(made);
  await other.page.keyboard.press('Enter');
  await expect(other.page.getByRole('alert')).toContainText('Kods nav pareizs');
});

test('a workstation enrols itself by the code of its address, which does not stay there', async ({
  house,
}) => {
  const it = await house.client(house.account('it'));
  const { code } = (await it.post('/api/devices/code', { name: 'Reģ-8' })) as { code: string };
  await house.restart({ SIVIS_OPEN_ENROLMENT: 'never' });
  const desk = await house.closedDesk(house.account('reception'));
  await desk.page.goto('about:blank');
  await desk.page.goto(`${desk.cable.url}/#/pieslegt/${code}`);
  await expect(desk.page.getByText('Reģ-8')).toBeVisible();
  expect(desk.page.url()).not.toContain(code);
  await desk.signIn();
  await openPath(desk.page, '/klienti');
  await expect(rail(desk.page)).toBeVisible();
});
