import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import { browserPath, BROWSER_ARGS } from './support/browser.ts';

/** Where a browser's own downloads and traces of a failed run go; git does not see it. */
const OUTPUT = '../../test-results';

/**
 * The whole-system tests: real service, real store, real browser. Two files side by side, because every test starts a
 * service and up to three desks, and no repetition: a test that passes only the second time has found something.
 */
export default defineConfig({
  testDir: '.',
  outputDir: OUTPUT,
  globalSetup: './support/globalSetup.ts',
  workers: 2,
  fullyParallel: false,
  retries: 0,
  forbidOnly: Boolean(process.env['CI']),
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  projects: [
    { name: 'browser', testIgnore: 'electron/**' },
    // The built main and preload too: on Electron where its runtime is there, on the stand-in otherwise.
    { name: 'electron', testDir: './electron' },
  ],
  use: {
    browserName: 'chromium',
    viewport: { width: 1366, height: 768 },
    locale: 'lv-LV',
    timezoneId: 'Europe/Riga',
    colorScheme: 'light',
    actionTimeout: 10_000,
    // A trace holds what stood on the screen: only invented people here.
    trace: 'off',
    launchOptions: {
      args: [...BROWSER_ARGS],
      ...(existsSync(browserPath()) ? { executablePath: browserPath() } : {}),
    },
  },
});
