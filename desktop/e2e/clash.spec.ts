import {
  bannerName,
  bedName,
  bedPattern,
  bookable,
  freeBeds,
  ofKind,
  type Person,
  quietDay,
  segmentsOf,
  surname,
} from './support/centre.ts';
import { inBrief, openCard } from './support/client.ts';
import { book } from './support/lodging.ts';
import { goTo, statusBar } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word, wordPattern } from './support/words.ts';

/** Who comes: with two of one sex the bed alone is in dispute, with a woman and a man also who may share the room. */
const PAIRS = {
  'two women': (people: readonly Person[]) => people.filter(({ sex }) => sex === 'F'),
  'a woman and a man': (people: readonly Person[]) => [
    ...people.filter(({ sex }) => sex === 'F').slice(0, 1),
    ...people.filter(({ sex }) => sex === 'M').slice(0, 1),
  ],
};

for (const [pair, choose] of Object.entries(PAIRS))
  test(`${pair}, one bed, two desks offline: nobody is lost, and one click settles it`, async ({ house }) => {
    const client = await house.client(house.account('reception'));
    const centre = await client.everything();
    const [first, second] = choose(bookable(centre));
    const from = quietDay();
    const to = quietDay(7);
    const [bedId] = freeBeds(centre, from, to);
    if (!first || !second || bedId === undefined) throw new Error('the centre is full');
    const bed = bedName(centre, bedId);

    const here = await house.desk('reception');
    const there = await house.desk('reception', { n: 1 });
    await here.cable.cut();
    await there.cable.cut();
    await expect(statusBar(here.page)).toContainText('Bezsaistē');
    await expect(statusBar(there.page)).toContainText('Bezsaistē');
    await book(here.page, { person: first, arrive: from, depart: to, bed });
    await book(there.page, { person: second, arrive: from, depart: to, bed });
    await here.cable.restore();
    await here.synced();
    await there.cable.restore();
    await there.synced();

    // Both stays are there; the bed is the first one's, the second waits, and a task names both.
    const between = await client.everything();
    const stayOf = (docs: typeof between, personId: string) =>
      ofKind(docs, 'stay').find(
        ({ fields }) => fields['personId'] === personId && fields['arriveDate'] === from,
      );
    const held = stayOf(between, first.id);
    const waiting = stayOf(between, second.id);
    expect(held && segmentsOf(held)[0]?.bedId).toBe(bedId);
    expect(held?.fields['unconfirmed']).toBeUndefined();
    expect(waiting?.fields['unconfirmed']).toBe(true);
    const task = ofKind(between, 'task').find(
      ({ fields }) => fields['taskKind'] === 'bedClash' && fields['bedId'] === bedId,
    );
    expect(task?.fields['stayIds']).toEqual(expect.arrayContaining([held?.id, waiting?.id]));
    expect(task?.fields['ownerRole']).toBe('reception');
    expect(task?.fields['dueAt']).toBeTruthy();

    for (const { page } of [here, there]) {
      await goTo(page, word('work_tasks'));
      const row = page
        .getByRole('grid')
        .getByRole('row')
        .filter({ hasText: bedPattern(bed) });
      await row.first().click();
      const detail = page.getByRole('complementary');
      await expect(detail).toContainText(surname(first));
      await expect(detail).toContainText(surname(second));
      await expect(detail).toContainText(word('work_waits_for_bed'));
    }

    // One click on the best proposal.
    await there.page
      .getByRole('complementary')
      .getByRole('button', { name: wordPattern('work_put_in') })
      .first()
      .click();
    await there.synced();
    await here.synced();
    await expect
      .poll(async () => {
        const docs = await client.everything();
        const stay = stayOf(docs, second.id);
        return [stay?.fields['unconfirmed'], docs.get(task?.id ?? '')?.fields['state']];
      })
      .toEqual([undefined, 'done']);

    const after = await client.everything();
    for (const { page } of [here, there]) {
      for (const person of [first, second]) {
        const stay = stayOf(after, person.id);
        const given = stay === undefined ? null : segmentsOf(stay)[0]?.bedId;
        if (typeof given !== 'string') throw new Error(`${bannerName(person)} has no bed`);
        await openCard(page, person);
        await expect(inBrief(page)).toContainText(bedPattern(bedName(after, given)));
      }
      await expect(statusBar(page)).toContainText('Sinhronizēts');
    }
  });
