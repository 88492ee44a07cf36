import { bookable, ofKind, quietDay } from './support/centre.ts';
import type { Desk } from './support/desk.ts';
import { book } from './support/lodging.ts';
import { goTo, statusBar } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

/** Names of the databases in the browser, and what is in its local storage. */
const left = ({ page }: Desk): Promise<{ databases: string[]; stored: string[] }> =>
  page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name ?? ''),
    stored: Object.keys(localStorage),
  }));

const deviceOf = ({ page }: Desk): Promise<string | null> =>
  page.evaluate(() => localStorage.getItem('sivis-device'));

/** Waits until the workstation is another one or none. Outlives that its page loads itself anew meanwhile. */
const forgets = async ({ page }: Desk, id: string | null, timeout: number): Promise<void> => {
  await page.waitForFunction((was) => localStorage.getItem('sivis-device') !== was, id, { timeout });
};

test('IT erases a stolen workstation: keys, data and name are gone, the log has its receipt', async ({
  house,
}) => {
  test.setTimeout(150_000);
  const desk = await house.desk('reception', { own: true });
  const before = await left(desk);
  expect(before.databases.some((name) => name.includes('people'))).toBe(true);
  const id = await deviceOf(desk);
  const name = await desk.page.evaluate(() => localStorage.getItem('sivis-device-name'));
  if (name === null) throw new Error('the workstation has no name');

  const it = await house.desk('it');
  await goTo(it.page, word('fleet_devices'));
  await it.page.getByRole('row', { name: new RegExp(name) }).click();
  await it.page.getByRole('button', { name: word('fleet_erase'), exact: true }).click();
  const dialog = it.page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: word('fleet_erase_mode') }).selectOption('stolen');
  const erase = dialog.getByRole('button', { name: word('fleet_erase_action'), exact: true });
  await dialog.getByRole('textbox', { name: word('fleet_revoke_type') }).fill(name);
  await erase.click();
  await expect(dialog).toBeHidden();

  await expect(desk.page.getByRole('textbox', { name: 'Lietotājs' })).toBeVisible({ timeout: 60_000 });
  await forgets(desk, id, 60_000);
  const after = await left(desk);
  expect(after.databases.filter((one) => before.databases.includes(one) && one.includes('sivis-'))).toEqual(
    after.databases.filter((one) => ['sivis-desk-key', 'sivis-host-keys'].includes(one)),
  );
  await it.page.getByRole('button', { name: word('fleet_reload') }).click();
  await expect(it.page.getByRole('row', { name: new RegExp(name) })).toContainText(word('fleet_erase_done'));
  const auditor = await house.client(house.account('auditor'));
  const { entries } = await auditor.audit({ actions: ['erased'] });
  expect(entries).toHaveLength(1);
});

test('a workstation taken out of use sends what is unsent before it erases itself', async ({ house }) => {
  test.setTimeout(150_000);
  const reception = await house.client(house.account('reception'));
  const [guest] = bookable(await reception.everything());
  if (guest === undefined) throw new Error('the centre is full');
  const desk = await house.desk('reception', { own: true });
  await desk.cable.cut();
  await book(desk.page, { person: guest, arrive: quietDay(), depart: quietDay(7) });
  await expect(statusBar(desk.page)).toContainText('nesinhronizētas');
  const it = await house.client(house.account('it'));
  await it.post('/api/devices/erase', { id: await deviceOf(desk), mode: 'offboard' });
  const id = await deviceOf(desk);
  await desk.cable.restore();
  await forgets(desk, id, 100_000);
  const stays = ofKind(await reception.everything(), 'stay').filter(
    ({ fields }) => fields['personId'] === guest.id && fields['arriveDate'] === quietDay(),
  );
  expect(stays).toHaveLength(1);
});
