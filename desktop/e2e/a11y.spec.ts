import type { Page } from '@playwright/test';
import { expectAccessible } from './support/axe.ts';
import { bookable, type Person } from './support/centre.ts';
import { openCard } from './support/client.ts';
import { command, TODAY, todayList } from './support/lodging.ts';
import { goTo, openPath, rail, railNames, settled } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

/** Every screen of the rail of whoever is signed in. */
async function railIsAccessible(page: Page, role: string): Promise<void> {
  for (const name of await railNames(page)) {
    await goTo(page, name);
    await expectAccessible(page, `${role}: ${name}`);
  }
}

async function dialogIsAccessible(page: Page, name: string): Promise<void> {
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectAccessible(page, name, '[role="dialog"]');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
}

test('sign-in, and the desk that is locked', async ({ house }) => {
  const desk = await house.closedDesk(house.account('reception'));
  const { page } = desk;
  await expect(page.getByRole('heading', { name: 'Pierakstīties' })).toBeVisible();
  await expectAccessible(page, 'sign-in');
  await desk.signIn();
  await page.keyboard.press('Control+l');
  await expect(page.getByRole('heading', { name: 'Darbstacija ir bloķēta' })).toBeVisible();
  await expectAccessible(page, 'locked');
});

test('the screens of the reception', async ({ house }) => {
  const desk = await house.desk('reception');
  await railIsAccessible(desk.page, 'reception');
  for (const path of ['/iestatijumi', '/sinhronizacija', '/tada-skata-nav']) {
    await openPath(desk.page, path);
    await expectAccessible(desk.page, path);
  }
});

test('the card of a client, every section', async ({ house }) => {
  const [person] = bookable(await (await house.client(house.account('reception'))).everything());
  const { page } = await house.desk('reception');
  await openCard(page, person as Person);
  const sections = page.getByRole('navigation', { name: word('people_sections') }).getByRole('button');
  for (const section of await sections.all()) {
    await section.click();
    await settled(page);
    await expectAccessible(page, `card: ${await section.innerText()}`);
  }
});

test('the dialogs of the reception', async ({ house }) => {
  const { page } = await house.desk('reception');
  const rows = await todayList(page, 'arrivals');
  await rows.nth(1).click();
  for (const name of [
    word('lodging_new_booking'),
    word('lodging_checkin'),
    word('lodging_move'),
    word('lodging_diet_change'),
    word('lodging_day_lists'),
    word('app_help'),
  ]) {
    await command(page, name);
    await dialogIsAccessible(page, name);
  }
  await page.keyboard.press('Control+k');
  await dialogIsAccessible(page, 'palette');
});

test('the screens of the other roles', async ({ house }) => {
  for (const role of ['specialist', 'catering', 'it', 'auditor'] as const) {
    const desk = await house.desk(role);
    await expect(rail(desk.page)).toBeVisible();
    await railIsAccessible(desk.page, role);
    await desk.context.close();
  }
});

test('the content policy holds on every screen, and breaking it would be noticed', async ({ house }) => {
  const desk = await house.desk('dutyManager');
  const reply = await fetch(desk.cable.url);
  const policy = reply.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toMatch(/unsafe|https?:/);
  for (const name of await railNames(desk.page)) await goTo(desk.page, name);
  expect(desk.misdeeds.policy).toEqual([]);
  expect(desk.misdeeds.abroad).toEqual([]);

  // The watch itself works: a style in the page and a request abroad are both seen, and both are stopped.
  const other = await house.closedDesk(house.account('reception'));
  await other.page.evaluate(() => {
    const style = document.createElement('style');
    style.textContent = 'body { color: red }';
    document.head.append(style);
    void fetch('http://127.0.0.2:9/').catch(() => undefined);
  });
  await expect.poll(() => other.misdeeds.policy.length).toBeGreaterThanOrEqual(2);
  other.misdeeds.policy.length = 0;
  other.misdeeds.abroad.length = 0;
  await goTo(desk.page, TODAY);
});
