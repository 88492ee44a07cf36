import { bannerName, bookable, ofKind, quietDay } from './support/centre.ts';
import { changeField, fieldLine, openCard } from './support/client.ts';
import { book } from './support/lodging.ts';
import { deskName, goTo, statusBar } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

const COUNTRY = word('oversight_field_country');

test('one field changed at two desks: both values are kept until somebody chooses', async ({ house }) => {
  const client = await house.client(house.account('reception'));
  const [person] = bookable(await client.everything());
  if (person === undefined) throw new Error('nobody to change');
  const here = await house.desk('reception');
  const there = await house.desk('reception', { n: 1 });
  const ofService = async (): Promise<unknown> =>
    (await client.everything()).get(person.id)?.fields['country'];

  /** Both desks change the field without knowing of each other; the first one is heard first. */
  const collide = async (mine: string, other: string): Promise<void> => {
    for (const desk of [here, there]) {
      await desk.cable.cut();
      await expect(statusBar(desk.page)).toContainText('Bezsaistē');
    }
    for (const [desk, value] of [
      [here, other],
      [there, mine],
    ] as const) {
      await openCard(desk.page, person);
      await changeField(desk.page, COUNTRY, value);
    }
    await here.cable.restore();
    await here.synced();
    await there.cable.restore();
    await expect(statusBar(there.page)).toContainText('Pretrunas: 1', { timeout: 45_000 });
    // The service's value is shown; the own one stands beside it.
    expect(await ofService()).toBe(other);
    await expect(fieldLine(there.page, COUNTRY).getByRole('button').first()).toContainText(other);
    const chooser = there.page.getByRole('group', { name: word('oversight_two_values', { field: COUNTRY }) });
    await expect(chooser).toContainText(mine);
    await expect(chooser).toContainText(other);
    await expect(chooser).toContainText(word('oversight_mine'));
    // By name, and at which desk: nobody has to ask around who the other one was.
    await expect(chooser).toContainText(here.account.name);
    await expect(chooser).toContainText(await deskName(here.page));
  };

  /** Three interactions: F8, a number, Enter. */
  const choose = async (key: '1' | '2' | '3', typed?: string): Promise<void> => {
    await there.page.keyboard.press('F8');
    await there.page.keyboard.press(key);
    if (typed !== undefined) {
      const field = there.page.getByRole('group').getByRole('textbox', { name: COUNTRY });
      await expect(field).toBeFocused();
      await field.fill(typed);
    }
    await there.page.keyboard.press('Enter');
    await expect(statusBar(there.page)).not.toContainText('Pretrunas');
    await there.synced();
  };

  const settledAs = async (value: string): Promise<void> => {
    await expect.poll(ofService).toBe(value);
    for (const { page } of [here, there]) {
      await openCard(page, person);
      await expect(fieldLine(page, COUNTRY)).toContainText(value);
    }
  };

  await collide('Lietuva', 'Igaunija');
  await choose('1');
  await settledAs('Lietuva');

  await collide('Polija', 'Somija');
  await choose('2');
  await settledAs('Somija');

  await collide('Zviedrija', 'Dānija');
  await choose('3', 'Norvēģija');
  await settledAs('Norvēģija');

  const auditor = await house.client(house.account('auditor'));
  await expect
    .poll(async () => (await auditor.audit({ personId: person.id, actions: ['conflict'] })).total)
    .toBeGreaterThanOrEqual(3);
});

test('what the service refuses stays where its author sees it, with the rule in words', async ({ house }) => {
  const client = await house.client(house.account('reception'));
  const [person] = bookable(await client.everything());
  if (person === undefined) throw new Error('nobody to book');
  const here = await house.desk('reception');
  const there = await house.desk('reception', { n: 1 });

  // Nobody can be in two places: the second stay of the same nights is against a rule, and offline nobody knows.
  await here.cable.cut();
  await expect(statusBar(here.page)).toContainText('Bezsaistē');
  await book(here.page, { person, arrive: quietDay(), depart: quietDay(5) });
  await book(there.page, { person, arrive: quietDay(2), depart: quietDay(9) });
  await there.synced();
  await here.cable.restore();
  await expect(statusBar(here.page)).toContainText('Noraidīts', { timeout: 45_000 });

  await goTo(here.page, word('oversight_conflicts'));
  const rows = here.page.getByRole('grid', { name: word('oversight_conflicts') }).getByRole('row');
  await rows
    .filter({ hasText: word('oversight_kindname_stay') })
    .first()
    .click();
  const detail = here.page.getByRole('complementary');
  await expect(detail).toContainText(/\bI\d+\b/);
  await expect(detail).not.toContainText(word('oversight_field_reservation'));
  await expect(detail).toContainText('Šai personai jau ir uzturēšanās');
  await expect(detail).toContainText(word('oversight_content_kept'));

  // Nothing of it is at the service, and the accepted stay is untouched.
  const stays = ofKind(await client.everything(), 'stay').filter(
    ({ fields }) => fields['personId'] === person.id && String(fields['arriveDate']) >= quietDay(),
  );
  expect(stays.map(({ fields }) => fields['arriveDate'])).toEqual([quietDay(2)]);

  // Given up by its author: everything is in order again, at both desks.
  for (let left = await rows.filter({ hasText: word('oversight_rejection') }).count(); left > 0; left -= 1) {
    await rows
      .filter({ hasText: word('oversight_rejection') })
      .first()
      .click();
    await detail.getByRole('button', { name: word('oversight_withdraw') }).click();
    await here.page
      .getByRole('dialog')
      .getByRole('button', { name: word('oversight_withdraw') })
      .click();
    await expect(rows.filter({ hasText: word('oversight_rejection') })).toHaveCount(left - 1);
  }
  await here.synced();
  await openCard(here.page, person);
  await expect(here.page.getByRole('heading', { level: 1, name: bannerName(person) })).toBeVisible();
});
