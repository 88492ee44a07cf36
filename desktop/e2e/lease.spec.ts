import type { Page } from '@playwright/test';
import type { UserView } from '@sivis/shared/protocol/messages/administration.ts';
import { PATHS } from '@sivis/shared/protocol/paths.ts';
import { arrivals, personOf } from './support/centre.ts';
import { changeField, fieldLine, openCard } from './support/client.ts';
import type { Desk } from './support/desk.ts';
import type { House } from './support/house.ts';
import { rail, statusBar } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

/** How long a workstation works without the service; its clock is the browser's, which the test sets. */

const COUNTRY = word('oversight_field_country');
const HOUR = 3_600_000;

const lockedHeading = (page: Page) => page.getByRole('heading', { name: word('app_locked') });
const noticeOf = (page: Page) => page.getByText(word('app_lease_ending'));

/** A workstation of reception whose clock can be set, with everything received. */
async function clockedDesk(house: House): Promise<Desk> {
  const desk = await house.closedDesk(house.account('reception'));
  await desk.page.clock.install();
  await desk.page.reload();
  await desk.signIn();
  await desk.synced();
  return desk;
}

async function unlock({ page, account }: Desk, password = account.password): Promise<void> {
  await page.getByRole('textbox', { name: 'Parole', exact: true }).fill(password);
  await page.getByRole('button', { name: word('app_unlock') }).click();
}

async function offline(desk: Desk): Promise<void> {
  await desk.cable.cut();
  await expect(statusBar(desk.page)).toContainText('Bezsaistē');
}

test('without the service a desk warns, shows only, locks, and goes on when the service is there', async ({
  house,
}) => {
  const centre = await (await house.client(house.account('reception'))).everything();
  const [stay] = arrivals(centre);
  if (stay === undefined) throw new Error('nobody arrives today');
  const guest = personOf(centre, String(stay.fields['personId']));
  const desk = await clockedDesk(house);
  const { page } = desk;
  await offline(desk);
  await openCard(page, guest);
  await changeField(page, COUNTRY, 'Igaunija');

  // 65 hours later: whoever comes back sees everything and changes nothing.
  await page.clock.fastForward(65 * HOUR);
  await expect(lockedHeading(page)).toBeVisible();
  await unlock(desk);
  await expect(noticeOf(page)).toBeVisible();
  await openCard(page, guest);
  await expect(fieldLine(page, COUNTRY)).toContainText('Igaunija');
  await fieldLine(page, COUNTRY).getByRole('button').first().click();
  const field = page.getByRole('textbox', { name: COUNTRY });
  await field.fill('Lietuva');
  await field.press('Enter');
  await expect(page.getByText('datus tagad var tikai skatīt')).toBeVisible();
  await field.press('Escape');

  // After the end only the service opens it.
  await page.clock.fastForward(8 * HOUR);
  await expect(lockedHeading(page)).toBeVisible();
  await unlock(desk);
  await expect(page.getByRole('button', { name: word('app_unlock') })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText(word('app_signin_lease_expired'));
  await expect(rail(page)).toHaveCount(0);

  await desk.cable.restore();
  await unlock(desk);
  await expect(rail(page)).toBeVisible();
  await expect(noticeOf(page)).toHaveCount(0);
  // For the service no time has passed: the computer is three days ahead, and is put right while it is connected.
  await expect(statusBar(page)).toContainText(word('app_sync_clock_skew'));
  await page.clock.setSystemTime(Date.now());
  await desk.synced();
  await openCard(page, guest);
  await expect(fieldLine(page, COUNTRY)).toContainText('Igaunija');
  await changeField(page, COUNTRY, 'Lietuva');
  await desk.synced();
});

test('an open desk whose clock is set back locks until the service tells the time', async ({ house }) => {
  const desk = await clockedDesk(house);
  const { page } = desk;
  await offline(desk);
  await page.clock.setSystemTime(Date.now() - 10 * 60_000);
  await expect(lockedHeading(page)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('alert')).toContainText(word('app_signin_clock_skew'));
  await unlock(desk);
  await expect(page.getByRole('button', { name: word('app_unlock') })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText(word('app_signin_clock_skew'));
  await desk.cable.restore();
  await unlock(desk);
  await expect(rail(page)).toBeVisible();
});

test('ten wrong passwords need the service, twenty destroy the key, and the data come again', async ({
  house,
}) => {
  test.setTimeout(240_000);
  const it = await house.client(house.account('it'));
  const desk = await clockedDesk(house);
  const { page, account } = desk;
  const answered = page.getByRole('button', { name: word('app_unlock') }).or(rail(page));
  const attempt = async (password = account.password): Promise<void> => {
    // The pauses grow to half a minute; the clock is put forward over them, and not while an answer is waited for.
    await page.clock.fastForward(31_000);
    await unlock(desk, password);
    await expect(answered).toBeVisible({ timeout: 20_000 });
  };
  const wrong = async (times: number): Promise<void> => {
    for (let count = 0; count < times; count += 1) await attempt(`nepareiza parole ${count}`);
  };
  /** Whoever is let in stands minutes ahead of the service; the computer's clock is put right. */
  const rightClock = async (): Promise<void> => {
    await expect(rail(page)).toBeVisible({ timeout: 20_000 });
    await page.clock.setSystemTime(Date.now());
    await desk.synced();
  };
  const letIn = async (): Promise<void> => {
    const users = (await it.get(PATHS.users)) as { users: UserView[] };
    const id = users.users.find(({ user }) => user === account.user)?.id;
    await it.post(PATHS.userUpdate, { id, unlock: true });
  };

  await offline(desk);
  await page.keyboard.press('Control+l');
  await wrong(10);
  await attempt();
  await expect(page.getByRole('alert')).toContainText(word('app_signin_service_needed'));
  await desk.cable.restore();
  await attempt();
  await rightClock();

  await offline(desk);
  await page.keyboard.press('Control+l');
  await wrong(10);
  await desk.cable.restore();
  await wrong(5);
  await letIn();
  await wrong(5);
  await desk.cable.cut();
  await attempt();
  await expect(page.getByRole('alert')).toContainText(word('app_signin_key_destroyed'));
  await letIn();
  await desk.cable.restore();
  await attempt();
  await rightClock();
  // The new key has a database of its own; the other one is what it was.
  const names = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? ''));
  for (const generation of [1, 2])
    expect(names.some((name) => new RegExp(`sivis-[0-9a-f]+-${generation}--`).test(name))).toBe(true);
});
