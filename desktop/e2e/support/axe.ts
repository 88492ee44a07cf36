import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** The standards that the product claims (docs: EN 301 549, WCAG 2.2 AA). */
const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What can differ between the colour schemes; everything else is the same page. */
const OF_COLOUR = ['color-contrast', 'link-in-text-block'];

/**
 * Fails for every serious or critical finding of axe on what is shown, in both colour schemes.
 * @param name of the screen, for the report
 * @param part looks at this part only: a dialog, when what lies behind it was looked at before
 */
export async function expectAccessible(page: Page, name: string, part?: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // The page has no frames: the mode that opens a second page for each run would only cost time.
    const axe = new AxeBuilder({ page }).setLegacyMode(true);
    if (part !== undefined) axe.include(part);
    const { violations } = await (
      colorScheme === 'light' ? axe.withTags(STANDARDS) : axe.withRules(OF_COLOUR)
    ).analyze();
    const grave = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, help, nodes }) =>
          `${id}: ${help} — ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
      );
    expect.soft(grave, `${name}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
}
