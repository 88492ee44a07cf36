import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SECURITY_POINTS } from '../../src/main/security-checklist.ts';
import { ROOT, STATICS } from './service.ts';
import { RUNTIME, runtimeLine } from './workstation.ts';

/** Where the centre of this run lies, for the tests' processes. */
export const TEMPLATE_VARIABLE = 'E2E_CENTRE';

/** Makes the centre once; each test works on a copy of it. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  if (!existsSync(path.join(STATICS, 'index.html'))) {
    throw new Error(
      'The workstation is not built: run `npm test`, which builds it, or `npm run build:web -w desktop`.',
    );
  }
  if (!existsSync(path.join(ROOT, 'desktop/out/main/index.js'))) {
    throw new Error(
      "Electron's main is not built: run `npm test`, which builds it, or `npm run build -w desktop`.",
    );
  }
  console.log(runtimeLine());
  if (RUNTIME === 'stand-in') {
    const open = SECURITY_POINTS.filter(({ runtime }) => runtime !== undefined);
    console.log("Of Electron's twenty points this is left for its runtime (docs/security-electron.md):");
    for (const { number, title, runtime } of open) console.log(`  ${number}. ${title}: ${runtime}`);
  }
  const template = await mkdtemp(path.join(os.tmpdir(), 'sivis-e2e-'));
  execFileSync(process.execPath, [path.join(ROOT, 'desktop/e2e/support/makeCentre.ts'), template], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  process.env[TEMPLATE_VARIABLE] = template;
  return () => rm(template, { recursive: true, force: true });
}
