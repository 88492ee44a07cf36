import { expect, test as base } from '@playwright/test';
import { type House, openHouse } from './house.ts';

/**
 * `test` with a centre of its own for each test. After each one every desk is asked what no page may do: break the
 * content policy, ask another computer, leave an error uncaught.
 */
export const test = base.extend<{ house: House }>({
  house: async ({ browser }, use, info) => {
    const house = await openHouse(browser);
    try {
      await use(house);
      if (info.status === info.expectedStatus) {
        for (const { misdeeds } of house.desks)
          expect(misdeeds).toEqual({ policy: [], abroad: [], errors: [] });
      } else await attachDesks(house, info);
    } finally {
      await house.close();
    }
  },
});

/** How every desk looked when the test failed, with the words of its page. */
async function attachDesks(house: House, info: ReturnType<typeof test.info>): Promise<void> {
  for (const [index, desk] of house.desks.entries()) {
    const name = `desk-${index + 1}`;
    const shot = await desk.page.screenshot({ timeout: 5_000 }).catch(() => undefined);
    if (shot !== undefined && process.env['E2E_SHOTS'] !== undefined)
      (await import('node:fs')).writeFileSync(`${process.env['E2E_SHOTS']}-${name}.png`, shot);
    if (shot !== undefined) await info.attach(name, { body: shot, contentType: 'image/png' });
    const words = await desk.page
      .locator('body')
      .ariaSnapshot({ timeout: 5_000 })
      .catch(() => '');
    await info.attach(`${name}.txt`, {
      body: `${words}\n\n${JSON.stringify(desk.misdeeds, null, 2)}`,
      contentType: 'text/plain',
    });
  }
}

export { expect };
