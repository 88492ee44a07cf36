import type { Desk } from './support/desk.ts';
import { addDays, type PlainDate } from '@sivis/shared/time/plainDate.ts';
import { bookable, ofKind, type Person, quietDay } from './support/centre.ts';
import { inBrief, openCard } from './support/client.ts';
import { book, TODAY } from './support/lodging.ts';
import { goTo, statusBar } from './support/shell.ts';
import { expect, test } from './support/test.ts';

const ROUNDS = 3;

/** What a person at this desk has seen as saved: the dialog closed. */
interface Acknowledged {
  readonly person: Person;
  readonly arrive: PlainDate;
}

/** Books one guest after another until the desk dies under the hand or somebody says stop. */
async function writeUntil(
  desk: Desk,
  wishes: Acknowledged[],
  saved: Acknowledged[],
  stopped: () => boolean,
): Promise<void> {
  while (!stopped()) {
    const wish = wishes.shift();
    if (wish === undefined) return;
    try {
      await book(desk.page, { ...wish, depart: addDays(wish.arrive, 2) });
      saved.push(wish);
    } catch (error) {
      // A browser that was killed in the middle of a booking: this one was never acknowledged.
      if (desk.page.isClosed() || /closed|crash|disconnected/i.test(String(error))) return;
      throw error;
    }
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('service and browser are killed while both desks write: every saved booking is there, everywhere', async ({
  house,
}) => {
  test.setTimeout(180_000);
  const client = await house.client(house.account('reception'));
  const people = bookable(await client.everything());
  // Far apart, so that the two desks never want one bed; each guest once.
  const wishesOf = (part: number): Acknowledged[] =>
    people
      .filter((_, index) => index % 2 === part)
      .slice(0, 60)
      .map((person, index) => ({ person, arrive: quietDay(part * 120 + (index % 40) * 2) }));
  const wishes = [wishesOf(0), wishesOf(1)] as const;
  const saved: Acknowledged[] = [];

  const here = await house.desk('reception', { own: true });
  const there = await house.desk('reception', { n: 1, own: true });

  for (let round = 0; round < ROUNDS; round += 1) {
    let stop = false;
    const writing = [
      writeUntil(here, wishes[0], saved, () => stop),
      writeUntil(there, wishes[1], saved, () => stop),
    ];
    // Both write, however slow the computer is; then each round another moment: in a push, a pull, a local write.
    const before = [wishes[0].length, wishes[1].length];
    await expect
      .poll(() => wishes.every((left, desk) => left.length < (before[desk] ?? 0) - 1), { timeout: 45_000 })
      .toBe(true);
    await wait(300 + round * 400);
    const victim = round % 2 === 0 ? here : there;
    await house.killService();
    await wait(400);
    await victim.kill();
    await wait(600);
    stop = true;
    await Promise.all(writing);
    await house.startService();
    await victim.start();
    await victim.signIn();
  }

  for (const desk of [here, there]) {
    await desk.page.keyboard.press('F5');
    await desk.synced();
    await expect(statusBar(desk.page)).not.toContainText(/Noraid|Pretrun/);
  }
  console.log(`${saved.length} bookings were acknowledged over ${ROUNDS} rounds of kill -9.`);
  expect(saved.length).toBeGreaterThan(ROUNDS);

  const after = await client
    .everything()
    .catch(async () => (await house.client(house.account('reception'))).everything());
  const booked = (person: Person, arrive: PlainDate): number =>
    ofKind(after, 'stay').filter(
      ({ fields }) => fields['personId'] === person.id && fields['arriveDate'] === arrive,
    ).length;
  // Exactly once: not lost, and not twice because it was sent twice.
  expect(saved.filter(({ person, arrive }) => booked(person, arrive) !== 1)).toEqual([]);

  // Both desks show what the service has, of every guest that was touched at all.
  const touched = new Map(saved.map((one) => [one.person.id, one]));
  for (const { page } of [here, there]) {
    for (const { person } of touched.values()) {
      await openCard(page, person);
      await expect(inBrief(page)).toContainText('Gaidāms');
    }
    await goTo(page, TODAY);
  }
  expect(await shownLists(here)).toEqual(await shownLists(there));
});

/** The lists of the day as they would be printed: whole, not only what is in sight. */
async function shownLists({ page }: Desk): Promise<string[]> {
  await goTo(page, TODAY);
  await page.keyboard.press('Control+p');
  const rows = page.getByRole('dialog').getByRole('row');
  await expect(rows.first()).toBeVisible();
  const texts = await rows.allInnerTexts();
  await page.keyboard.press('Escape');
  return texts;
}
