import { expect, test } from './support/test.ts';
test('shell offline', async ({ house }) => {
  const desk = await house.desk('reception');
  const { page } = desk;
  await expect
    .poll(() => page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state))
    .toBe('activated');
  await desk.cable.cut();
  const t = Date.now();
  await expect(page.getByRole('contentinfo')).toContainText('Bezsaistē');
  console.log('offline shown after', Date.now() - t);
  await page.reload();
  await expect(page.getByText('Savienojuma nav.')).toBeVisible();
  await desk.signIn();
  await expect(page.getByRole('contentinfo')).toContainText('Bezsaistē');
  await desk.cable.restore();
  const t2 = Date.now();
  await desk.synced();
  console.log('synced after', Date.now() - t2);
  desk.cable.stall();
  const t3 = Date.now();
  await expect(page.getByRole('contentinfo')).toContainText(/Bezsaistē|Serveris neatbild/, {
    timeout: 60_000,
  });
  console.log('stall seen after', Date.now() - t3, await page.getByRole('contentinfo').innerText());
  await desk.cable.restore();
  const t4 = Date.now();
  await desk.synced();
  console.log('synced after', Date.now() - t4);
});
test('own browser', async ({ house }) => {
  const desk = await house.desk('reception', { own: true });
  await desk.kill();
  await house.killService();
  await house.startService();
  const t = Date.now();
  await desk.start();
  await desk.signIn();
  await desk.synced();
  console.log('back after kill', Date.now() - t);
});
