/**
 * Takes the pictures of docs/screens from the full demonstration centre, at 1366 × 768, light and dark:
 * `npx node scripts/screens.mjs` (the project's Node 24; the workstation must be built). Everybody on them is invented.
 */
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { BROWSER_ARGS, browserPath } from '../desktop/e2e/support/browser.ts';
import { openDesk } from '../desktop/e2e/support/desk.ts';
import { startService } from '../desktop/e2e/support/service.ts';
import { ROOT } from './lib/project.mjs';

const OUT = path.join(ROOT, 'docs/screens');

const data = await mkdtemp(path.join(os.tmpdir(), 'sivis-screens-'));
const service = await startService(data);
const browser = await chromium.launch({ executablePath: browserPath(), args: [...BROWSER_ARGS] });
const begin = Date.now();
const desk = await openDesk(browser, { servicePort: service.port, account: service.accounts[0] });
await desk.signIn();
console.log('signed in', Date.now() - begin);
await desk.synced();
console.log('synced', Date.now() - begin);
mkdirSync(OUT, { recursive: true });
await desk.page.screenshot({ path: '/tmp/x.png' });
await desk.close();
await browser.close();
await service.stop();
await rm(data, { recursive: true, force: true });
