import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, signIn, test } from '../support/electronTest.ts';
import { rail } from '../support/shell.ts';
import { RUNTIME, spawnStandIn } from '../support/workstation.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a page whose process dies is loaded again', async ({ house, launch }) => {
  const reception = house.account('reception');
  const desktop = await launch();
  const { page } = desktop;
  await signIn(page, reception);
  const loaded = desktop.evaluate(
    ({ BrowserWindow }) =>
      new Promise<string>((resolve) => {
        const contents = BrowserWindow.getAllWindows()[0]!.webContents;
        contents.once('did-finish-load', () => resolve(contents.getURL()));
      }),
  );
  const session = await desktop.context.newCDPSession(page);
  session.send('Page.crash').catch(() => undefined);
  expect(await loaded).toMatch(/^app:\/\/sivis\//);
  expect(readFileSync(path.join(house.folder('workstation'), 'SIVIS/log/main.log'), 'utf8')).toContain(
    'renderer-gone',
  );
});

test('the secret of the computer, once damaged, opens nothing and is never written over', async ({
  house,
  launch,
}) => {
  const reception = house.account('reception');
  const first = await launch();
  await signIn(first.page, reception);
  await first.quit();
  const device = path.join(house.folder('workstation'), 'SIVIS/keys/device.key');
  expect(existsSync(device)).toBe(true);
  writeFileSync(device, 'damaged');

  const second = await launch();
  const { page } = second;
  await page.getByRole('textbox', { name: 'Lietotājs', exact: true }).fill(reception.user);
  await page.getByRole('textbox', { name: 'Parole', exact: true }).fill(reception.password);
  await page.getByRole('button', { name: 'Pierakstīties' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(rail(page)).toHaveCount(0);
  expect(readFileSync(device, 'utf8')).toBe('damaged');
});

// A second start, and the key store of the system, are played by the stand-in.
if (RUNTIME === 'stand-in') {
  test('a second start shows the first window and ends', async ({ house, launch }) => {
    const first = await launch();
    const knocked = first.evaluate(
      ({ app }) =>
        new Promise<boolean>((resolve) => {
          app.once('second-instance', () => resolve(true));
        }),
    );
    const second = spawnStandIn({ home: house.folder('workstation'), serviceUrl: house.service.url });
    const code = await new Promise((resolve) => second.once('exit', resolve));
    expect(code).toBe(0);
    expect(isAlive(first.pid)).toBe(true);
    expect(await knocked).toBe(true);
  });

  test('Chromium ends with main, however main ends', async ({ launch }) => {
    const desktop = await launch();
    process.kill(desktop.pid, 'SIGKILL');
    await desktop.ended;
    await expect.poll(() => isAlive(desktop.chromium)).toBe(false);
  });

  test('without a key store that protects, nothing is written', async ({ house, launch }) => {
    const desktop = await launch();
    const secret = (): Promise<unknown> =>
      desktop.page.evaluate(() =>
        (
          window as unknown as { sivis: { deviceSecret(): Promise<{ value: unknown }> } }
        ).sivis.deviceSecret(),
      );
    for (const backend of ['basic_text', 'unknown', 'none']) {
      await desktop.evaluate(({ standIn }, name) => standIn.keyring.choose(name), backend);
      expect(await secret()).toEqual({ ok: true, value: { state: 'refused', reason: 'no-secure-storage' } });
    }
    expect(existsSync(path.join(house.folder('workstation'), 'SIVIS/keys/device.key'))).toBe(false);
    await desktop.evaluate(({ standIn }) => standIn.keyring.choose('gnome_libsecret'));
    expect(await secret()).toHaveProperty('value.state', 'ok');
    await desktop.evaluate(({ standIn }) => standIn.keyring.choose('kwallet5'));
    expect(await secret()).toEqual({ ok: true, value: { state: 'unreadable', reason: 'backend-changed' } });
    await desktop.evaluate(({ standIn }) => {
      standIn.keyring.choose('gnome_libsecret');
      standIn.keyring.forget();
    });
    expect(await secret()).toEqual({ ok: true, value: { state: 'unreadable', reason: 'decrypt-failed' } });
  });
}
