import { addDays } from '@sivis/shared/time/plainDate.ts';
import { cursorTo, moveOnBoard, openBoard, underCursor } from './support/board.ts';
import {
  arrivals,
  bedName,
  bookable,
  freeBeds,
  personOf,
  quietDay,
  segmentsOf,
  surname,
  today,
} from './support/centre.ts';
import { inBrief, openCard } from './support/client.ts';
import { book, checkIn, todayList, undo } from './support/lodging.ts';
import { rail, statusBar } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

test('books, moves, registers and takes back without a network, and others see it afterwards', async ({
  house,
}) => {
  const reception = house.account('reception');
  const client = await house.client(reception);
  const centre = await client.everything();
  const [booked, takenBack] = bookable(centre);
  const [arriving] = arrivals(centre);
  const from = quietDay();
  const [bedA, bedB] = freeBeds(centre, from, addDays(from, 7)).map((id) => bedName(centre, id));
  if (!booked || !takenBack || !arriving || !bedA || !bedB)
    throw new Error('the centre does not offer enough');
  const guest = personOf(centre, String(arriving.fields['personId']));

  const here = await house.desk('reception');
  const there = await house.desk('reception', { n: 1 });
  const { page } = here;
  await expect
    .poll(() => page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state))
    .toBe('activated');
  await here.cable.cut();
  const cut = Date.now();
  await expect(statusBar(page)).toContainText('Bezsaistē');
  console.log(`The status says "Bezsaistē" ${Date.now() - cut} ms after the cable was pulled.`);

  // Books two and takes one back.
  await book(page, { person: booked, arrive: from, depart: addDays(from, 7), bed: bedA });
  await expect(statusBar(page)).toContainText(/Bezsaistē · \d+ nesinhronizēt/);
  await book(page, { person: takenBack, arrive: addDays(from, 30), depart: addDays(from, 35) });
  await undo(page);
  await expect(page.getByRole('region', { name: word('app_notifications') })).toContainText(/Atsaukt|Rezerv/);

  // Moves one on the room plan, there and back by undo, and there again.
  const move = async (): Promise<void> => {
    await openBoard(page);
    await cursorTo(page, bedA, from, today());
    await expect.poll(() => underCursor(page)).toContain(surname(booked));
    await moveOnBoard(page, bedA, bedB, from, today());
    await expect.poll(() => underCursor(page)).toContain(surname(booked));
  };
  await move();
  await undo(page);
  await move();

  // Registers an arrival, takes it back and registers it again.
  await checkIn(page, guest);
  await undo(page);
  await expect((await todayList(page, 'arrivals')).filter({ hasText: surname(guest) })).not.toHaveCount(0);
  await checkIn(page, guest);

  // The computer is restarted while there is no network: the shell and the data are all there.
  await page.reload();
  await expect(page.getByText('Savienojuma nav.')).toBeVisible();
  await here.signIn();
  await expect(statusBar(page)).toContainText(/Bezsaistē · \d+ nesinhronizēt/);
  await openCard(page, guest);
  await expect(inBrief(page)).toContainText(word('lodging_state_in_house'));
  expect((await client.everything()).get(arriving.id)?.fields['state']).toBe('expected');

  await here.cable.restore();
  const restored = Date.now();
  await here.synced();
  console.log(`Synchronised ${Date.now() - restored} ms after the cable was back.`);
  await expect(statusBar(page)).not.toContainText(/Noraid|Pretrun/);

  // The service has the end of each story, and the other desk shows it.
  const after = await client.everything();
  expect(after.get(arriving.id)?.fields['state']).toBe('in_house');
  const stays = [...after.values()].filter(({ kind }) => kind === 'stay');
  const mine = stays.filter(
    ({ fields }) => fields['personId'] === booked.id && fields['state'] === 'expected',
  );
  expect(mine.map((stay) => segmentsOf(stay).map(({ bedId }) => bedName(after, String(bedId))))).toEqual([
    [bedB],
  ]);
  expect(
    stays.filter(({ fields }) => fields['personId'] === takenBack.id && fields['state'] === 'expected'),
  ).toHaveLength(0);
  await there.synced();
  await openCard(there.page, guest);
  await expect(inBrief(there.page)).toContainText(word('lodging_state_in_house'));
  await openBoard(there.page);
  await cursorTo(there.page, bedB, from, today());
  await expect.poll(() => underCursor(there.page)).toContain(surname(booked));
});

test('a connection that hangs is noticed, and what was written meanwhile arrives', async ({ house }) => {
  const client = await house.client(house.account('reception'));
  const [guest] = bookable(await client.everything());
  if (guest === undefined) throw new Error('nobody to book');
  const desk = await house.desk('reception');
  desk.cable.stall();
  await book(desk.page, { person: guest, arrive: addDays(today(), 3), depart: addDays(today(), 6) });
  // Written here, not claimed to be anywhere else.
  await expect(statusBar(desk.page)).not.toContainText('Sinhronizēts');
  const stalled = Date.now();
  await expect(statusBar(desk.page)).toContainText(/Bezsaistē|Serveris neatbild/, { timeout: 60_000 });
  console.log(`A hanging connection is shown after ${Date.now() - stalled} ms.`);
  await expect(rail(desk.page)).toBeVisible();
  await desk.cable.restore();
  await desk.synced();
  const stays = [...(await client.everything()).values()].filter(
    ({ fields }) => fields['personId'] === guest.id,
  );
  expect(
    stays.some(({ kind, fields }) => kind === 'stay' && fields['arriveDate'] === addDays(today(), 3)),
  ).toBe(true);
});
