import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { startProvider } from '../../sync-service/test/provider.ts';
import { bookable, surname } from './support/centre.ts';
import { changeField, openCard } from './support/client.ts';
import type { House } from './support/house.ts';
import { ROOT } from './support/service.ts';
import { goTo, rail, railNames, signOut, statusBar } from './support/shell.ts';
import { expect, test } from './support/test.ts';
import { word } from './support/words.ts';

const COUNTRY = word('oversight_field_country');
const PASSPHRASE = 'trīs zaļas bumbas ezerā';

/** A desk of reception without a network, on which the country of a client was changed to the given one. */
async function editedOffline(house: House, country: string) {
  const it = await house.client(house.account('it'));
  const client = await house.client(house.account('dutyManager'));
  const [person] = bookable(await client.everything());
  if (person === undefined) throw new Error('nobody to change');
  const desk = await house.desk('reception');
  await desk.cable.cut();
  await expect(statusBar(desk.page)).toContainText('Bezsaistē');
  await openCard(desk.page, person);
  await changeField(desk.page, COUNTRY, country);
  return { it, client, person, desk };
}

test('a role that must have a second factor sets it up at its first sign-in; a recovery code works once', async ({
  house,
}) => {
  await house.restart({ SIVIS_TOTP: 'privileged' });
  const account = house.account('it');
  const desk = await house.closedDesk(account);
  const { page } = desk;
  const user = page.getByRole('textbox', { name: 'Lietotājs', exact: true });
  const password = page.getByRole('textbox', { name: 'Parole', exact: true });
  const code = page.getByRole('textbox', { name: word('app_totp_code') });
  const enter = page.getByRole('button', { name: 'Pierakstīties' });

  await user.fill(account.user);
  await password.fill(account.password);
  await enter.click();
  await expect(page.getByRole('img', { name: word('app_totp_qr') })).toBeVisible();
  await expect(code).toBeFocused();
  const secret = (await page.getByRole('group', { name: word('app_totp_key') }).textContent()) ?? '';
  const recovery = await page
    .getByRole('list', { name: word('app_totp_recovery') })
    .getByRole('listitem')
    .allTextContents();
  expect(recovery).toHaveLength(10);
  await code.fill('000000');
  await enter.click();
  await expect(page.getByRole('alert')).toContainText('Vienreizējais kods nav pareizs');
  await code.fill(new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) }).generate());
  await enter.click();
  await expect(rail(page)).toBeVisible();

  const again = async (typed: string): Promise<void> => {
    await user.fill(account.user);
    await password.fill(account.password);
    await enter.click();
    await expect(code).toBeFocused();
    await expect(page.getByRole('img', { name: word('app_totp_qr') })).toHaveCount(0);
    await code.fill(typed);
    await enter.click();
  };
  await signOut(page, account);
  await again(recovery[0] ?? '');
  await expect(rail(page)).toBeVisible();
  await signOut(page, account);
  await again(recovery[0] ?? '');
  await expect(page.getByRole('alert')).toContainText('Vienreizējais kods nav pareizs');
});

test('a person signs in with an account of the organisation and opens this desk by a passphrase', async ({
  house,
}) => {
  const provider = await startProvider();
  try {
    provider.groups.set('zane.vitola', ['registratura']);
    await house.restart({
      SIVIS_OIDC_ISSUER: provider.issuer,
      SIVIS_OIDC_CLIENT_ID: provider.clientId,
      SIVIS_OIDC_LABEL: 'Iestādes konts',
      SIVIS_OIDC_ROLES: 'registratura=reception',
    });
    const desk = await house.closedDesk(house.account('reception'));
    const { page } = desk;
    const start = page.getByRole('button', { name: word('app_oidc_sign_in', { label: 'Iestādes konts' }) });
    await start.click();
    await page.locator('input[name=login]').fill('zane.vitola');
    await page.locator('input[name=password]').fill('x');
    await page.locator('button[type=submit]').click();
    await page.locator('button[type=submit]').click();

    const passphrase = page.getByRole('textbox', { name: word('app_oidc_passphrase'), exact: true });
    await expect(page.getByText('Vārds zane.vitola')).toBeVisible();
    expect(page.url()).not.toContain('oidc');
    await expect(passphrase).toBeFocused();
    await passphrase.fill('īsa');
    await page.getByRole('button', { name: word('app_oidc_enter') }).click();
    await expect(page.getByText(word('app_oidc_short'))).toBeVisible();
    await passphrase.fill(PASSPHRASE);
    await page.getByRole('textbox', { name: word('app_oidc_again') }).fill(PASSPHRASE);
    await page.getByRole('button', { name: word('app_oidc_enter') }).click();
    await expect(rail(page)).toBeVisible({ timeout: 30_000 });
    await desk.synced();

    // The passphrase opens the desk again, without the provider and without a network.
    await desk.cable.cut();
    await page.keyboard.press('Control+l');
    await page.getByRole('textbox', { name: 'Parole', exact: true }).fill(PASSPHRASE);
    await page.keyboard.press('Enter');
    await expect(rail(page)).toBeVisible();
  } finally {
    await provider.stop();
  }
});

test('a workstation revoked at work is locked within 10 seconds; what it could not send reaches a manager in a file', async ({
  house,
}) => {
  const { it, client, person, desk } = await editedOffline(house, 'Igaunija');
  const { page, account } = desk;
  await desk.cable.restore();
  await desk.synced();

  // A second edit stays here: the desk is revoked before it has a network again.
  await desk.cable.cut();
  await expect(statusBar(page)).toContainText('Bezsaistē');
  await changeField(page, COUNTRY, 'Lietuva');
  const { devices } = (await it.get('/api/devices')) as { devices: { id: string; lastUserName: string }[] };
  const device = devices.find(({ lastUserName }) => lastUserName === account.name);
  await it.post('/api/devices/update', { id: device?.id, revoked: true });
  await desk.cable.restore();
  await expect(page.getByRole('heading', { name: word('app_locked') })).toBeVisible({ timeout: 20_000 });
  expect((await client.everything()).get(person.id)?.fields['country']).toBe('Igaunija');

  await page.getByRole('textbox', { name: 'Parole', exact: true }).fill(account.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('ir atslēgta');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: word('app_export_pending') }).click(),
  ]);
  const file = house.folder('pending.sivis');
  await download.saveAs(file);
  expect(download.suggestedFilename()).toMatch(/^sivis-nenosutitais-[\dT-]+\.sivis$/);
  const sealed = await readFile(file, 'utf8');
  expect(sealed).not.toContain('Lietuva');
  expect(sealed).not.toContain(person.id);
  const main = path.join(ROOT, 'sync-service/src/cli/main.ts');
  const told = execFileSync(process.execPath, [
    main,
    'import',
    'pending',
    file,
    '--data',
    house.data,
    '--json',
  ]);
  expect(JSON.parse(told.toString())).toEqual({ held: 1, known: 0, foreign: 0 });

  const manager = await house.desk('dutyManager');
  await goTo(manager.page, word('oversight_quarantine'));
  const row = manager.page.getByRole('grid').getByRole('row').filter({ hasText: account.name });
  await row.first().click();
  const side = manager.page.getByRole('complementary');
  await expect(side).toContainText('Lietuva');
  await side.getByRole('button', { name: word('oversight_quarantine_accept') }).click();
  const dialog = manager.page.getByRole('dialog');
  await dialog
    .getByRole('textbox', { name: word('oversight_field_reason') })
    .fill('Zvanīju klientei, pareizi.');
  await dialog.getByRole('button', { name: word('oversight_quarantine_accept') }).click();
  await expect(manager.page.getByText(word('oversight_quarantine_none'))).toBeVisible();
  expect((await client.everything()).get(person.id)?.fields['country']).toBe('Lietuva');
});

test('a connected desk that is revoked is locked within 10 seconds', async ({ house }) => {
  const it = await house.client(house.account('it'));
  const desk = await house.desk('auditor');
  const { devices } = (await it.get('/api/devices')) as { devices: { id: string; lastUserName: string }[] };
  const device = devices.find(({ lastUserName }) => lastUserName === desk.account.name);
  const began = Date.now();
  await it.post('/api/devices/update', { id: device?.id, revoked: true });
  await expect(desk.page.getByRole('heading', { name: word('app_locked') })).toBeVisible();
  console.log(`Locked ${Date.now() - began} ms after the desk was revoked.`);
  expect(Date.now() - began).toBeLessThan(10_000);
});

test('another role in the middle of a session: the screens follow, what it may not hold goes, an older edit waits for a manager', async ({
  house,
}) => {
  const { it, client, person, desk } = await editedOffline(house, 'Somija');
  const { page, account } = desk;
  const { users } = (await it.get('/api/users')) as { users: { id: string; user: string }[] };
  const id = users.find(({ user }) => user === account.user)?.id;
  await it.post('/api/users/update', { id, role: 'catering' });
  await desk.cable.restore();
  await expect
    .poll(async () => railNames(page), { timeout: 30_000 })
    .toEqual([word('work_tasks'), word('oversight_audit')]);
  expect((await client.everything()).get(person.id)?.fields['country']).not.toBe('Somija');

  await page.evaluate(() => {
    location.hash = '#/pretrunas';
  });
  const waits = page.getByRole('row').filter({ hasText: word('oversight_quarantine') });
  // The client has gone from the desk: what is left of her is the author's own edit.
  await expect(waits).toContainText(word('oversight_kindname_person'));
  await expect(page.getByText(surname(person))).toHaveCount(0);
  await waits.click();
  await expect(page.getByText(word('oversight_quarantine_waits_own')).first()).toBeVisible();

  const manager = await house.desk('dutyManager');
  await goTo(manager.page, word('oversight_quarantine'));
  const row = manager.page.getByRole('grid').getByRole('row').filter({ hasText: account.name });
  await row.first().click();
  await manager.page
    .getByRole('complementary')
    .getByRole('button', { name: word('oversight_quarantine_discard') })
    .click();
  const dialog = manager.page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: word('oversight_field_reason') }).fill('Kliente saka citādi.');
  await dialog.getByRole('button', { name: word('oversight_quarantine_discard') }).click();
  await expect(manager.page.getByText(word('oversight_quarantine_none'))).toBeVisible();
  expect((await client.everything()).get(person.id)?.fields['country']).not.toBe('Somija');

  // And on a desk that is connected: the role comes back, its screens and clients with it, and nobody signs in anew.
  await it.post('/api/users/update', { id, role: 'reception' });
  await expect(rail(page).getByRole('link', { name: word('people_clients') })).toBeVisible();
  await desk.synced();
  await openCard(page, person);
});
