import { expect, test } from './support/test.ts';

test('signs in', async ({ house }) => {
  const begin = Date.now();
  const desk = await house.desk('reception');
  console.log('signed in and synced in', Date.now() - begin, 'ms');
  await expect(desk.page.getByRole('contentinfo')).toContainText('Sinhronizēts');
});
