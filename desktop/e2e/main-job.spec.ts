import { addDays } from '@sivis/shared/time/plainDate.ts';
import { auditLog, showChanges } from './support/audit.ts';
import { chart, cursorTo, openBoard, underCursor } from './support/board.ts';
import {
  arrivals,
  bannerName,
  bedName,
  bookable,
  freeBeds,
  ofKind,
  quietDay,
  surname,
  today,
} from './support/centre.ts';
import { book, chooseRow, fillBooking, TODAY, todayList } from './support/lodging.ts';
import { goTo, openPath, search, searchField } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

/** As it is typed in a hurry: small letters, no marks. */
const hasty = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

test('the day of the reception begins with who comes, who leaves and what is free', async ({ house }) => {
  const centre = await (await house.client(house.account('reception'))).everything();
  const { page } = await house.desk('reception');
  await expect(page).toHaveURL(/#\/sodien$/);
  await expect(page.getByRole('heading', { level: 1, name: TODAY })).toBeVisible();

  const inHouse = ofKind(centre, 'stay').filter(({ fields }) =>
    ['in_house', 'on_leave'].includes(String(fields['state'])),
  );
  await expect(page.getByRole('main')).toContainText(new RegExp(`${inHouse.length} klient\\S* mājā`));
  const rows = await todayList(page, 'arrivals');
  for (const stay of arrivals(centre)) {
    const person = centre.get(String(stay.fields['personId']));
    await expect(
      rows.filter({ hasText: String(person?.fields['familyName']).toLocaleUpperCase('lv') }),
    ).not.toHaveCount(0);
  }
});

test('a client is found as people type, and the card opens', async ({ house }) => {
  const centre = await (await house.client(house.account('reception'))).everything();
  const { page } = await house.desk('reception');
  const person = bookable(centre).find(
    ({ familyName, personalCode }) => /[āčēģīķļņšūž]/.test(familyName) && personalCode !== '',
  );
  if (person === undefined) throw new Error('nobody with a long letter in the name');

  await search(page, hasty(`${person.familyName} ${person.givenName.slice(0, 3)}`), bannerName(person));
  // The last four digits, as they are said on the phone, and the whole code with or without the hyphen.
  const [, tail = ''] = person.personalCode.split('-');
  await search(page, tail, bannerName(person));
  await search(page, person.personalCode.replace('-', ''), bannerName(person));
  const results = await search(page, person.personalCode, bannerName(person));
  await expect(results.first()).toContainText(bannerName(person));

  await searchField(page).press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: bannerName(person) })).toBeVisible();
  // Neither the address nor the title tells who it is.
  await expect(page).toHaveURL(new RegExp(`#/klienti/${person.id}$`));
  expect(await page.title()).not.toContain(person.familyName);

  // Who was looked for is in the log: the words in what can be erased, whom they showed, on which screen.
  const auditor = await house.client(house.account('auditor'));
  await expect
    .poll(async () => {
      const { entries } = await auditor.audit({ personId: person.id, actions: ['search'] });
      return entries.map(({ detail }) => [detail['screen'], detail['filter']]);
    })
    .toContainEqual(['search', person.personalCode]);
});

test('booked on the room plan here, seen there, and found in the audit log', async ({ house }) => {
  const reception = house.account('reception');
  const centre = await (await house.client(reception)).everything();
  const [guest] = bookable(centre);
  const from = quietDay();
  const to = quietDay(7);
  const [bedId] = freeBeds(centre, from, to);
  if (guest === undefined || bedId === undefined) throw new Error('the centre is full');
  const bed = bedName(centre, bedId);

  const here = await house.desk('reception');
  const there = await house.desk('reception', { n: 1 });
  await openBoard(there.page);
  await cursorTo(there.page, bed, from, today());
  await expect.poll(() => underCursor(there.page)).toContain(word('lodging_cell_free'));

  await openBoard(here.page);
  await cursorTo(here.page, bed, from, today());
  await here.page.keyboard.press('Enter');
  for (let night = 1; night < 7; night += 1) await here.page.keyboard.press('ArrowRight');
  await here.page.keyboard.press('Enter');
  await fillBooking(here.page, { person: guest });
  const written = Date.now();

  await expect
    .poll(() => underCursor(there.page), { intervals: [20], timeout: 5_000 })
    .toContain(surname(guest));
  console.log(`A booking is seen at another desk after ${Date.now() - written} ms.`);
  await expect(chart(here.page)).toBeFocused();
  await here.synced();

  // Opened at the other desk: a read of its own in the log.
  await openPath(there.page, `/klienti/${guest.id}`);
  await expect(there.page.getByRole('heading', { level: 1, name: bannerName(guest) })).toBeVisible();
  await there.synced();

  const auditor = await house.desk('auditor');
  const client = await house.client(house.account('auditor'));
  await expect
    .poll(async () =>
      (await client.audit({ personId: guest.id })).entries.map(
        ({ action, actorName }) => `${action} ${actorName}`,
      ),
    )
    .toEqual(
      expect.arrayContaining([`create ${reception.name}`, `view ${house.account('reception', 1).name}`]),
    );
  await openPath(auditor.page, `/auditacija/${guest.id}`);
  const read = auditLog(auditor.page)
    .getByRole('row')
    .filter({ hasText: house.account('reception', 1).name })
    .filter({ hasText: word('oversight_act_view') });
  await expect(read.first()).toBeVisible();

  // Everything of this client: what was booked, by whom, where, from nothing to what.
  await openPath(auditor.page, '/auditacija');
  await showChanges(auditor.page);
  const created = auditLog(auditor.page)
    .getByRole('row')
    .filter({ hasText: reception.name })
    .filter({ hasText: word('oversight_act_create') });
  await created.first().click();
  const detail = auditor.page.getByRole('complementary');
  await expect(detail).toContainText(reception.name);
  await expect(detail).toContainText(word('oversight_before'));
  await expect(detail).toContainText(word('oversight_after'));
  await expect(detail).toContainText('Darbstacija');
});

test('a booking made from today shows at once in the lists', async ({ house }) => {
  const centre = await (await house.client(house.account('reception'))).everything();
  const [guest] = bookable(centre);
  if (guest === undefined) throw new Error('nobody to book');
  const desk = await house.desk('reception');
  await book(desk.page, { person: guest, arrive: today(), depart: addDays(today(), 5) });
  await chooseRow(desk.page, await todayList(desk.page, 'arrivals'), guest);
  await goTo(desk.page, word('people_clients'));
  await expect(desk.page.getByRole('grid')).toBeVisible();
});
