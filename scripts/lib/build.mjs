/** Whether the built workstation is older than its sources, and the build when it is. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.mjs';
import { runNpm } from './npm.mjs';
import { step } from './progress.mjs';
import { ROOT } from './project.mjs';

/**
 * What can be built.
 * web: the renderer, served by the sync service; app: Electron's main and preload and the renderer in one.
 */
const TARGETS = {
  web: { script: 'build:web', product: 'desktop/out/renderer/index.html', skip: ['src/main', 'src/preload'] },
  app: { script: 'build', product: 'desktop/out/main/index.js', skip: [] },
};

const NEVER_SOURCE = new Set([
  'node_modules',
  'out',
  'dist',
  'e2e',
  'test-electron',
  'test-results',
  'playwright-report',
]);

function* filesBelow(folder, skipped) {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    if (skipped(file, entry.name)) continue;
    if (entry.isDirectory()) yield* filesBelow(file, skipped);
    else if (!/\.test\.[cm]?[jt]s$/.test(entry.name)) yield file;
  }
}

/**
 * A hash over names and contents of everything that goes into a build. Contents, not times: a checkout or a
 * copied folder changes times only.
 * @param {string} root the project
 * @param {string[]} [skip] folders below desktop/ that this build does not use
 * @returns {string} hex
 */
export function sourceFingerprint(root, skip = []) {
  const desktop = path.join(root, 'desktop');
  const left = new Set([
    ...skip.map((s) => path.join(desktop, s)),
    path.join(desktop, 'src/renderer/i18n/generated'),
  ]);
  // The compiler of the words puts a cache and notes beside its settings while it builds: the second start built again.
  const words = path.join(desktop, 'project.inlang');
  const made = (file, name) => path.dirname(file) === words && name !== 'settings.json';
  const skipped = (file, name) => NEVER_SOURCE.has(name) || left.has(file) || made(file, name);
  const hash = createHash('sha256');
  const add = (file) => {
    const content = readFileSync(file);
    hash
      .update(`${path.relative(root, file).split(path.sep).join('/')}\0${content.length}\0`)
      .update(content);
  };
  for (const folder of [desktop, path.join(root, 'shared/src')]) {
    if (existsSync(folder)) for (const file of filesBelow(folder, skipped)) add(file);
  }
  for (const name of ['package-lock.json', 'tsconfig.base.json']) {
    if (existsSync(path.join(root, name))) add(path.join(root, name));
  }
  return hash.digest('hex');
}

/**
 * Whether the project knows how to build a target at all.
 * @param {'web' | 'app'} target
 * @param {string} [root]
 */
export function canBuild(target, root = ROOT) {
  const scripts = JSON.parse(readFileSync(path.join(root, 'desktop/package.json'), 'utf8')).scripts ?? {};
  return TARGETS[target].script in scripts;
}

/**
 * Builds a target when its sources have changed since the last build.
 * @param {'web' | 'app'} target
 * @param {string} [root]
 * @throws {Failure} when the build fails, with the end of its output
 */
export async function ensureBuilt(target, root = ROOT) {
  const { script, product, skip } = TARGETS[target];
  const stamp = path.join(root, `desktop/out/.sivis-${target}`);
  const fingerprint = sourceFingerprint(root, skip);
  const fresh = existsSync(path.join(root, product)) && existsSync(stamp);
  if (fresh && readFileSync(stamp, 'utf8') === fingerprint) return;
  const result = await step('Būvē darbstaciju', () =>
    runNpm(['run', script, '--workspace', 'desktop'], { cwd: root }),
  );
  if (!result.ok || !existsSync(path.join(root, product))) {
    throw new Failure(`${result.output.trim()}\n\nDarbstacijas būve neizdevās; dati nav skarti.`);
  }
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, fingerprint);
  // The renderer of both is the same one.
  if (target === 'app') {
    writeFileSync(path.join(root, 'desktop/out/.sivis-web'), sourceFingerprint(root, TARGETS.web.skip));
  }
}
