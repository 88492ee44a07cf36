import { rail } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

test('local data that do not open: another store is begun when the person says so', async ({ house }) => {
  const desk = await house.desk('reception');
  const { page, account } = desk;
  // The browser refuses the databases of this person from now on, as after a damaged disk.
  await page.addInitScript(() => {
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (this: IDBFactory, name: string, version?: number) {
      if (/sivis-[0-9a-f]+-1--/.test(name)) throw new DOMException('refused', 'UnknownError');
      return open.call(this, name, version);
    };
  });
  await page.reload();
  const password = page.getByRole('textbox', { name: 'Parole', exact: true });
  await page.getByRole('textbox', { name: 'Lietotājs', exact: true }).fill(account.user);
  await password.fill(account.password);
  await page.getByRole('button', { name: word('app_signin_action') }).click();
  await expect(page.getByRole('alert')).toContainText(word('app_signin_store_broken'));
  await expect(page.getByText(word('app_store_fresh_note'))).toBeVisible();
  await page.getByRole('button', { name: word('app_store_fresh') }).click();
  await expect(rail(page)).toBeVisible({ timeout: 30_000 });
  await desk.synced();
  const names = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? ''));
  expect(names.some((name) => /sivis-[0-9a-f]+-1--/.test(name))).toBe(true);
  expect(names.some((name) => /sivis-[0-9a-f]+-1-2--/.test(name))).toBe(true);
});
