import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { addDays } from '@sivis/shared/time/plainDate.ts';
import { findWords } from './support/canaries.ts';
import { arrivals, bannerName, bookable, ofKind, personOf, quietDay, type Person } from './support/centre.ts';
import { changeField, fieldLine, openCard } from './support/client.ts';
import { book, checkIn, chooseRow, TODAY, todayList } from './support/lodging.ts';
import { goTo, search, searchField, signOut, statusBar } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

const COUNTRY = word('oversight_field_country');

/** Words that stand nowhere else: found on the disk they can only be what was typed here. */
const COMMITTED = 'Kanārijputniņzeme';
const CLASHED = 'Dzeltenspārnuzeme';
const UNCOMMITTED = 'Vēlneuzrakstītazeme';
const NOTED = 'Aizmirstamantasputns';
const SEARCHED = 'Meklētākanārīte';
/** Written in the clear on purpose. */
const PLANTED = 'Kontroleskanāriņš';

test('the scanner finds a word however it was written', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sivis-canary-'));
  const text = (before: number, encoding: 'utf8' | 'utf16le'): Buffer =>
    Buffer.concat([Buffer.alloc(before, 0x41), Buffer.from(`${PLANTED} un vēl`, encoding)]);
  const files: Record<string, Buffer | string> = {
    'utf-8': text(3, 'utf8'),
    'utf-16le': text(3, 'utf16le'),
    'utf-16be': text(4, 'utf16le').swap16(),
    capitals: PLANTED.toLocaleUpperCase('lv'),
    json: '{"a":"Kontroleskan\\u0101ri\\u0146\\u0161"}',
    address: `?q=${encodeURIComponent(PLANTED)}`,
    decomposed: PLANTED.normalize('NFD'),
  };
  for (const encoding of ['utf8', 'utf16le'] as const) {
    for (const before of [0, 1, 2]) {
      files[`base64 ${encoding} ${before}`] = text(before, encoding).toString('base64');
      files[`base64url ${encoding} ${before}`] = text(before, encoding).toString('base64url');
    }
  }
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
  await mkdir(path.join(folder, `mape ${PLANTED}`));
  await writeFile(path.join(folder, 'another'), 'Kontroleskanarins, Kontrole');
  const found = await findWords([folder], [PLANTED]);
  expect(found.sort()).toEqual(
    [...Object.keys(files), `mape ${PLANTED}`].map((name) => `${PLANTED} in ${name}`).sort(),
  );
  await rm(folder, { recursive: true, force: true });
});

/** Puts a word into the store of the page, past the product. */
async function plant(page: Page): Promise<void> {
  await page.evaluate(async (text) => {
    const request = indexedDB.open('planted', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('words');
    await new Promise((resolve) => (request.onsuccess = resolve));
    const transaction = request.result.transaction('words', 'readwrite', { durability: 'strict' });
    transaction.objectStore('words').put({ text }, 'key');
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    request.result.close();
  }, PLANTED);
}

test('after a day of work nothing of a client can be read from the disk of the desk, in logs or addresses', async ({
  house,
}) => {
  test.setTimeout(180_000);
  const client = await house.client(house.account('reception'));
  const centre = await client.everything();
  const [guest, other] = bookable(centre);
  const arriving = arrivals(centre)[0];
  const leaving = ofKind(centre, 'stay').find(({ fields }) => fields['state'] === 'in_house');
  if (guest === undefined || other === undefined || arriving === undefined || leaving === undefined)
    throw new Error('the centre has too few people');
  const people: Person[] = [
    guest,
    other,
    personOf(centre, String(arriving.fields['personId'])),
    personOf(centre, String(leaving.fields['personId'])),
  ];
  const [, , arrived, leaver] = people as [Person, Person, Person, Person];

  const desk = await house.desk('reception', { own: true });
  const addresses: string[] = [];
  const watch = (): void => {
    desk.context.on('request', (request) => addresses.push(request.url()));
    desk.page.on('framenavigated', (frame) => addresses.push(frame.url()));
  };
  watch();

  // Found, booked, arrived, left.
  await search(desk.page, guest.familyName, bannerName(guest));
  await searchField(desk.page).fill(SEARCHED);
  await expect(searchField(desk.page)).toHaveValue(SEARCHED);
  await desk.page.keyboard.press('Escape');
  await book(desk.page, { person: guest, arrive: quietDay(), depart: addDays(quietDay(), 2) });
  await checkIn(desk.page, arrived);
  await chooseRow(desk.page, await todayList(desk.page, 'in_house'), leaver);
  await desk.page.keyboard.press('i');
  const leave = desk.page.getByRole('dialog');
  await leave.getByRole('textbox').fill(NOTED);
  // Before the day that was meant, a reason is asked for.
  const reason = leave.getByRole('combobox');
  if (await reason.isVisible()) await reason.selectOption({ index: 1 });
  await desk.page.keyboard.press('Control+Enter');
  await expect(leave).toBeHidden();

  // A note in the card; the same field at another desk meanwhile: both values are kept.
  await openCard(desk.page, other);
  await changeField(desk.page, COUNTRY, COMMITTED);
  await desk.synced();
  await desk.cable.cut();
  await expect(statusBar(desk.page)).toContainText('Bezsaistē');
  await changeField(desk.page, COUNTRY, CLASHED);
  const there = await house.desk('reception', { n: 1 });
  await openCard(there.page, other);
  await changeField(there.page, COUNTRY, 'Igaunija');
  await there.synced();
  await desk.cable.restore();
  await expect(statusBar(desk.page)).toContainText('Pretrunas: 1', { timeout: 45_000 });

  // Printed; killed in the middle of a word; locked; signed out.
  await goTo(desk.page, TODAY);
  await desk.page.keyboard.press('Control+p');
  const lists = desk.page.getByRole('dialog', { name: word('lodging_day_lists') });
  await expect(lists.locator('section').first()).toBeVisible();
  await desk.page.evaluate(() => {
    window.print = () => undefined;
  });
  await lists.getByRole('button', { name: word('lodging_print') }).click();
  await desk.page.keyboard.press('Escape');
  await openCard(desk.page, guest);
  await fieldLine(desk.page, COUNTRY).getByRole('button').first().click();
  await desk.page.getByRole('textbox', { name: COUNTRY }).fill(UNCOMMITTED);
  await desk.page.waitForTimeout(1_000);
  await desk.kill();
  await desk.start();
  watch();
  await desk.signIn();
  await openCard(desk.page, guest);
  await expect(fieldLine(desk.page, COUNTRY)).toContainText(UNCOMMITTED);
  await desk.page.keyboard.press('Control+l');
  await expect(desk.page.getByRole('heading', { name: 'Darbstacija ir bloķēta' })).toBeVisible();
  await desk.page.getByRole('textbox', { name: 'Parole', exact: true }).fill(desk.account.password);
  await desk.page.getByRole('button', { name: 'Atbloķēt' }).click();
  await expect(statusBar(desk.page)).toContainText('Pretrunas: 1', { timeout: 45_000 });
  await signOut(desk.page, desk.account);
  await plant(desk.page);
  await desk.kill();

  const profile = house.folder('desk-1');
  const log = path.join(house.data, '..', 'logs');
  await mkdir(log, { recursive: true });
  await house.killService();
  await copyFile(path.join(house.data, 'service.log'), path.join(log, 'service.log'));
  await writeFile(path.join(log, 'addresses'), addresses.join('\n'));

  // The search looks in the right place: what was put there in the clear is found, and the ids, which may be read.
  expect(await findWords([profile], [PLANTED])).not.toEqual([]);
  expect(await findWords([profile], [guest.id])).not.toEqual([]);
  expect(addresses.length).toBeGreaterThan(10);

  const phones = ofKind(centre, 'contact')
    .filter(({ fields }) => people.some(({ id }) => id === fields['personId']))
    .map(({ fields }) => (fields['value'] ?? '') as string)
    .filter((value) => value.length >= 8);
  const canaries = [
    ...[NOTED, COMMITTED, CLASHED, UNCOMMITTED, SEARCHED],
    ...people.map(({ personalCode }) => personalCode).filter((code) => code !== ''),
    ...people.map(({ familyName, givenName }) => `${familyName} ${givenName}`),
    ...people.map(bannerName),
    // Only names that no program of anybody has in its own texts.
    ...people
      .map(({ familyName }) => familyName)
      .filter((name) => /[āčēģīķļņšūž]/.test(name) && name.length > 5),
    ...phones,
    desk.account.password,
  ];
  expect(await findWords([profile, log], [...new Set(canaries)])).toEqual([]);
});
