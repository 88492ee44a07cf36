import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Seven projects; `npx vitest run --project shared` runs one of them. */
export default defineConfig({
  test: {
    projects: [
      {
        extends: false,
        test: { name: 'shared', root: 'shared', environment: 'node', include: ['src/**/*.test.ts'] },
      },
      {
        extends: false,
        test: {
          name: 'sync-service',
          root: 'sync-service',
          environment: 'node',
          include: ['src/**/*.test.ts', 'test/*.test.ts'],
          // Real disks, processes and password hashing on a machine that may be busy.
          testTimeout: 60_000,
        },
      },
      {
        extends: false,
        test: {
          name: 'postgres',
          root: 'sync-service',
          environment: 'node',
          include: ['test/postgres/**/*.test.ts'],
          globalSetup: '../scripts/lib/postgresServer.mjs',
          testTimeout: 60_000,
        },
      },
      {
        extends: false,
        test: {
          name: 'sim',
          root: 'sim',
          environment: 'node',
          include: ['**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        extends: false,
        test: {
          name: 'fuzz',
          root: 'fuzz',
          environment: 'node',
          include: ['**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        extends: false,
        root: 'desktop',
        plugins: [svelte({ configFile: 'svelte.config.js' })],
        test: {
          name: 'desktop',
          environment: 'node',
          include: ['src/**/*.test.ts'],
          testTimeout: 60_000,
          // A test that touches main-process code must not start Electron's download.
          env: { ELECTRON_OVERRIDE_DIST_PATH: '/nonexistent' },
        },
      },
      {
        extends: false,
        test: { name: 'scripts', root: '.', environment: 'node', include: ['scripts/**/*.test.mjs'] },
      },
    ],
  },
});
