import { pullPath } from '@sivis/shared/protocol/paths.ts';
import { rail, statusBar } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

/** Every pull of every collection. */
const PULLS = `**${pullPath('people').replace('people', '*')}`;

test('the first synchronisation is a state of its own: nothing half-filled is shown or logged', async ({
  house,
}) => {
  const desk = await house.closedDesk(house.account('reception'));
  const { page } = desk;
  const held = Promise.withResolvers<void>();
  await page.route(PULLS, async (route) => {
    await held.promise;
    await route.continue();
  });
  await desk.signIn();
  await expect(page.getByText(word('app_first_sync'), { exact: true })).toBeVisible();
  await expect(statusBar(page)).toContainText(word('app_sync_syncing'));
  await expect(statusBar(page)).not.toContainText('0/0');
  for (const screen of ['lodging_today', 'people_clients', 'work_tasks']) {
    await rail(page)
      .getByRole('link', { name: word(screen) })
      .click();
    await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('main').getByRole('status').first()).toBeVisible();
    await expect(page.getByText(word('lodging_person_hidden'))).toHaveCount(0);
  }
  const auditor = await house.client(house.account('auditor'));
  const lists = async (): Promise<number> => (await auditor.audit({ actions: ['list'] })).entries.length;
  expect(await lists()).toBe(0);

  held.resolve();
  await desk.synced();
  await expect(page.getByText(word('app_first_sync'), { exact: true })).toHaveCount(0);
  await expect.poll(lists).toBeGreaterThan(0);
  const counts = (await auditor.audit({ actions: ['list'] })).entries.map(({ detail }) => detail['count']);
  expect(counts).not.toContain(0);
});

test('a desk that has nothing yet and no connection says what to do, and goes on by itself', async ({
  house,
}) => {
  const desk = await house.closedDesk(house.account('reception'));
  const { page } = desk;
  await page.route(PULLS, (route) => route.abort());
  await desk.signIn();
  await desk.cable.cut();
  await expect(page.getByText(word('app_first_sync_offline'))).toBeVisible({ timeout: 30_000 });
  await expect(statusBar(page)).toContainText(word('app_sync_never'));
  await page.unroute(PULLS);
  await desk.cable.restore();
  await desk.synced();
  await expect(page.getByText(word('app_first_sync_offline'))).toHaveCount(0);
});
