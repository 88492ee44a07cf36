import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { bookable, ofKind, type Person, quietDay } from '../support/centre.ts';
import { expect, signIn, synced, test } from '../support/electronTest.ts';
import { book } from '../support/lodging.ts';
import type { House } from '../support/house.ts';
import { statusBar } from '../support/shell.ts';
import { word } from '../support/words.ts';

/** Files of the journal below the profile, with their sizes. */
function journalOf(profile: string): Map<string, number> {
  const folder = path.join(profile, 'SIVIS/journal');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.log'),
  );
  return new Map(files.map((name) => [name, statSync(path.join(folder, name)).size]));
}

const grown = (profile: string, before: ReadonlyMap<string, number>): boolean =>
  [...journalOf(profile)].some(([name, size]) => size > (before.get(name) ?? 0));

/** How many stays of the person the service has that begin on the day. */
async function stays(house: House, person: Person, arrive: string): Promise<number> {
  const client = await house.client(house.account('reception'));
  return ofKind(await client.everything(), 'stay').filter(
    ({ fields }) => fields['personId'] === person.id && fields['arriveDate'] === arrive,
  ).length;
}

test('killed between the journal and the service: whatever was kept arrives', async ({ house, launch }) => {
  test.setTimeout(180_000);
  const reception = house.account('reception');
  const people = bookable(await (await house.client(reception)).everything());
  const first = await launch();
  await signIn(first.page, reception);
  await synced(first.page);
  await house.killService();
  const profile = house.folder('workstation');

  const guests = people.slice(0, 3);
  let desktop = first;
  for (const [round, guest] of guests.entries()) {
    const before = journalOf(profile);
    const writing = book(desktop.page, {
      person: guest,
      arrive: quietDay(round * 10),
      depart: quietDay(round * 10 + 7),
    }).catch(() => undefined);
    // As soon as the record is in its file: the browser's storage may or may not have it, nobody was told yet.
    await expect.poll(() => grown(profile, before), { intervals: [1], timeout: 30_000 }).toBe(true);
    await desktop.kill();
    await writing;
    desktop = await launch();
    await signIn(desktop.page, reception);
  }

  await desktop.quit();
  await house.startService();
  desktop = await launch();
  await signIn(desktop.page, reception);
  await synced(desktop.page);
  for (const [round, guest] of guests.entries())
    expect(await stays(house, guest, quietDay(round * 10))).toBe(1);
});

test("the browser's storage is gone: everything unsent is found again, and sent once", async ({
  house,
  launch,
}) => {
  test.setTimeout(180_000);
  const reception = house.account('reception');
  const [guest] = bookable(await (await house.client(reception)).everything());
  if (guest === undefined) throw new Error('the centre is full');
  const before = await launch();
  await signIn(before.page, reception);
  await synced(before.page);
  await house.killService();
  await book(before.page, { person: guest, arrive: quietDay(), depart: quietDay(7) });
  await before.quit();
  const data = path.join(house.folder('workstation'), 'SIVIS');
  const gone = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter(
    (name) => path.basename(name) === 'IndexedDB',
  );
  expect(gone).toHaveLength(1);
  for (const name of gone) rmSync(path.join(data, name), { recursive: true });

  // Without the service: the key and the lease stand in main's key store, the journal beside them.
  const after = await launch();
  await signIn(after.page, reception);
  await expect(after.page.getByText(word('app_recovered_store'))).toBeVisible();
  await expect(statusBar(after.page)).toContainText('nesinhronizētas');
  const id = await after.page.evaluate(() => localStorage.getItem('sivis-device'));
  await after.quit();

  // The workstation's own key was in that storage: IT enrols it anew.
  await house.startService();
  const client = await house.client(house.account('it'));
  const { code } = (await client.post('/api/devices/code', { id, name: 'Reģ-9' })) as { code: string };
  const enrolled = await launch();
  await enrolled.page.getByRole('textbox', { name: word('app_enrol_code') }).fill(code);
  await enrolled.page.getByRole('button', { name: word('app_enrol_action') }).click();
  await signIn(enrolled.page, reception);
  await synced(enrolled.page);
  expect(await stays(house, guest, quietDay())).toBe(1);
  await expect(enrolled.page.getByText(word('app_recovered_store'))).toHaveCount(0);
});
