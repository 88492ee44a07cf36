import type { RoleName } from './support/house.ts';
import { openPath, rail, railNames, signOut, statusBar } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

const HOUSE = [
  'lodging_today',
  'lodging_board',
  'people_clients',
  'work_tasks',
  'oversight_conflicts',
  'oversight_audit',
];

/** The rail of each role, and an address that is not for it. */
const SCREENS: Readonly<Record<RoleName, { screens: readonly string[]; foreign: string }>> = {
  reception: { screens: HOUSE, foreign: '/lietotaji' },
  dutyManager: {
    screens: [...HOUSE.slice(0, -1), 'oversight_quarantine', 'oversight_audit'],
    foreign: '/darbstacijas',
  },
  specialist: { screens: ['people_clients', 'work_tasks', 'oversight_audit'], foreign: '/istabas' },
  catering: { screens: ['work_tasks', 'oversight_audit'], foreign: '/klienti' },
  it: { screens: ['fleet_devices', 'fleet_users', 'oversight_audit'], foreign: '/klienti' },
  auditor: { screens: ['fleet_devices', 'fleet_users', 'oversight_audit'], foreign: '/sodien' },
};

test('a wrong password is refused in plain words, and what was typed stays', async ({ house }) => {
  const account = house.account('reception');
  const { page } = await house.closedDesk(account);
  const user = page.getByRole('textbox', { name: 'Lietotājs', exact: true });
  const password = page.getByRole('textbox', { name: 'Parole', exact: true });

  await page.getByRole('button', { name: 'Pierakstīties' }).click();
  await expect(page.getByText('Ierakstiet lietotājvārdu.')).toBeVisible();
  await expect(user).toBeFocused();

  await user.fill(account.user);
  await password.fill('nepareiza parole');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Lietotājs vai parole nav pareiza');
  await expect(user).toHaveValue(account.user);
  await expect(password).toBeFocused();

  // Somebody who does not exist gets the same words: which of the two is wrong is never said.
  await user.fill('nav.tada');
  await password.fill('nepareiza parole');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Lietotājs vai parole nav pareiza');
});

test('locking empties the screen and the desk opens again with the password only', async ({ house }) => {
  const desk = await house.desk('reception');
  const { page, account } = desk;
  await page.keyboard.press('Control+l');
  await expect(page.getByRole('heading', { name: 'Darbstacija ir bloķēta' })).toBeVisible();
  await expect(page.getByText(account.name)).toBeVisible();
  await expect(rail(page)).toHaveCount(0);
  await expect(page.getByRole('grid')).toHaveCount(0);

  const password = page.getByRole('textbox', { name: 'Parole', exact: true });
  await password.fill('nepareiza parole');
  await page.getByRole('button', { name: 'Atbloķēt' }).click();
  await expect(page.getByRole('alert')).toContainText('nav pareiza');
  await expect(password).toBeFocused();
  await password.fill(account.password);
  await page.keyboard.press('Enter');
  await expect(rail(page)).toBeVisible();
  await desk.synced();

  const auditor = await house.client(house.account('auditor'));
  await expect
    .poll(async () =>
      (await auditor.audit({ actions: ['lock', 'unlock', 'unlockFailed'] })).entries.map((e) => e.action),
    )
    .toEqual(expect.arrayContaining(['lock', 'unlock', 'unlockFailed']));
});

test('a desk that locks while offline opens offline', async ({ house }) => {
  const desk = await house.desk('reception');
  const { page, account } = desk;
  await desk.cable.cut();
  await page.getByRole('button', { name: 'Bloķēt' }).click();
  await page.getByRole('textbox', { name: 'Parole', exact: true }).fill(account.password);
  await page.getByRole('button', { name: 'Atbloķēt' }).click();
  await expect(rail(page)).toBeVisible();
  await expect(statusBar(page)).toContainText('Bezsaistē');
});

test('one workstation, one after another: each person sees the screens of her role', async ({ house }) => {
  const desk = await house.closedDesk(house.account('reception'));
  const { page } = desk;
  for (const [role, { screens, foreign }] of Object.entries(SCREENS)) {
    const account = house.account(role as RoleName);
    await desk.signIn(account);
    expect(await railNames(page), role).toEqual(screens.map((key) => word(key)));
    // A typed address leads nowhere that the rail does not offer.
    await openPath(page, foreign);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(word('app_not_found'));
    await signOut(page, account);
  }
});

test('language and colours change at once and stay', async ({ house }) => {
  const desk = await house.desk('reception');
  const { page } = desk;
  await openPath(page, '/iestatijumi');
  await page.getByLabel('Programmas valoda').selectOption('English');
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  const background = (): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--bg').trim());
  const light = await background();
  await page.getByLabel('Colours').selectOption('Dark');
  expect(await background()).not.toBe(light);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
