/**
 * `npm test`: lint, types and format, then the unit tests, then the whole-system tests in a real browser.
 * Plain JavaScript for Node 20. The very last line is `N passed, N failed`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findChromium } from './lib/browser.mjs';
import { canBuild, ensureBuilt } from './lib/build.mjs';
import { Failure, runMain } from './lib/failure.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runNpm } from './lib/npm.mjs';
import { findPostgres } from './lib/postgres.mjs';
import { seconds } from './lib/progress.mjs';
import { projectNode, ROOT } from './lib/project.mjs';
import { parseTestArgs } from './lib/testArgs.mjs';
import { playwrightCounts, sum, vitestCounts } from './lib/testCounts.mjs';

const E2E_CONFIG = 'desktop/e2e/playwright.config.ts';

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Runs a tool of node_modules on the project's Node, its output passing through. */
function runTool(file, args, env) {
  const node = projectNode();
  const bin = [path.dirname(node), path.join(ROOT, 'node_modules/.bin')].join(path.delimiter);
  // Windows writes `Path`; a second spelling of the same variable would win or lose by chance.
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const child = spawn(node, [path.join(ROOT, 'node_modules', file), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, [name]: `${bin}${path.delimiter}${process.env[name] ?? ''}`, ...env },
  });
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** The linter takes as long as all else together, so it has a core of its own. */
async function checkStage() {
  const check = async (script) => {
    const begin = Date.now();
    const { ok, output } = await runNpm(['run', '--silent', script]);
    if (!ok) console.log(output.trimEnd());
    console.log(`${ok ? '✓' : '✗'} ${script} (${seconds(Date.now() - begin)})`);
    return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
  };
  const others = async () => [await check('types'), await check('format:check')];
  const [lint, rest] = await Promise.all([check('lint'), others()]);
  return sum([lint, ...rest]);
}

async function unitStage({ reports, rest, env }) {
  const report = path.join(reports, 'units.json');
  // Vitest leaves a core free; many of these tests wait for disks and processes, so two run also where there are two.
  // Said here, because its projects do not take this from the file of settings.
  const workers = Math.max(2, os.availableParallelism() - 1);
  const args = [
    'run',
    `--maxWorkers=${workers}`,
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...rest,
  ];
  const code = await runTool('vitest/vitest.mjs', args, env);
  return vitestCounts(readReport(report), code);
}

async function e2eStage({ reports, rest, env }) {
  if (!existsSync(path.join(ROOT, E2E_CONFIG))) {
    console.log(`No whole-system tests: ${E2E_CONFIG} is not there.`);
    return sum([]);
  }
  const report = path.join(reports, 'e2e.json');
  const args = ['test', '-c', E2E_CONFIG, '--reporter=list,json', ...rest];
  const code = await runTool('@playwright/test/cli.js', args, {
    ...env,
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
  });
  return playwrightCounts(readReport(report), code);
}

const RUN = { check: checkStage, units: unitStage, e2e: e2eStage };

/** Installs a package of Debian where that is allowed: as root, on a machine that has apt-get. */
function installPackage(name) {
  const may =
    process.platform === 'linux' &&
    process.getuid() === 0 &&
    spawnSync('apt-get', ['--version']).status === 0;
  if (!may) return;
  console.log(`Installing ${name} with apt-get.`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', args, { env, stdio: 'ignore' }).status === 0;
  if (!apt('install', '-y', '--no-install-recommends', name)) {
    apt('update');
    apt('install', '-y', '--no-install-recommends', name);
  }
}

/** A browser for the whole-system tests. */
function provideBrowser() {
  if (findChromium() === undefined) installPackage('chromium');
  const found = findChromium();
  if (found !== undefined) return found;
  throw new Failure(
    'No browser found: install Chromium, Chrome or Edge, or name one in CHROME_PATH, and try again.',
  );
}

async function main() {
  const { stages, rest } = parseTestArgs(process.argv.slice(2));
  await ensureInstalled();
  // The build also writes the generated messages, which the type check reads.
  const target = stages.includes('e2e') ? 'app' : 'web';
  if (canBuild(target)) await ensureBuilt(target);
  // Where it cannot be had the run says so, and fails on a build server (scripts/lib/postgresServer.mjs).
  if (stages.includes('units') && findPostgres() === undefined) installPackage('postgresql');
  const browser = stages.includes('e2e') ? provideBrowser() : findChromium();
  const env = browser === undefined ? {} : { CHROME_PATH: browser };
  const reports = mkdtempSync(path.join(os.tmpdir(), 'sivis-test-'));
  try {
    const results = [];
    for (const stage of stages) {
      console.log(`\n── ${stage}`);
      const begin = Date.now();
      const counts = await RUN[stage]({ reports, rest, env });
      results.push({ stage, counts, time: seconds(Date.now() - begin) });
    }
    console.log('');
    for (const { stage, counts, time } of results) {
      const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
      console.log(`${stage}: ${counts.passed} ok, ${counts.failed} not ok${skipped} (${time})`);
    }
    const total = sum(results.map(({ counts }) => counts));
    console.log(`${total.passed} passed, ${total.failed} failed`);
    return total.failed === 0 ? 0 : 1;
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

await runMain(main);
