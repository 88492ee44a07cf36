/** Whether the packages of the lockfile are there, and the installation when they are not. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.mjs';
import { runNpm } from './npm.mjs';
import { step } from './progress.mjs';
import { projectNode, ROOT } from './project.mjs';

const STAMP = 'node_modules/.sivis-stamp';

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
}

/**
 * Compares a lockfile with npm's own record of what lies in node_modules.
 * Optional packages may be missing (they are for another system), none may have another version.
 * @param {{ packages?: Record<string, { version?: string, optional?: boolean, link?: boolean }> } | undefined} lock package-lock.json
 * @param {{ packages?: Record<string, { version?: string }> } | undefined} installed node_modules/.package-lock.json
 * @returns {boolean}
 */
export function lockMatches(lock, installed) {
  if (lock?.packages === undefined || installed?.packages === undefined) return false;
  return Object.entries(lock.packages).every(([place, wanted]) => {
    if (!place.includes('node_modules/') || wanted.link) return true;
    const there = installed.packages[place];
    return there === undefined ? wanted.optional === true : there.version === wanted.version;
  });
}

/**
 * Whether everything that the lockfile names is installed. The first look is a stamp with the lockfile's hash;
 * after an installation by hand the records are compared instead.
 * @param {string} [root]
 */
export function isInstalled(root = ROOT) {
  if (projectNode({ root }) === undefined) return false;
  const hash = lockHash(root);
  const stamp = path.join(root, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return true;
  const matches = lockMatches(
    readJson(path.join(root, 'package-lock.json')),
    readJson(path.join(root, 'node_modules/.package-lock.json')),
  );
  if (matches) writeFileSync(stamp, hash);
  return matches;
}

/**
 * Installs what the lockfile names when something is missing.
 * @param {string} [root]
 * @throws {Failure} when npm fails, with the end of its output
 */
export async function ensureInstalled(root = ROOT) {
  if (isInstalled(root)) return;
  // Over an existing tree `npm ci` would delete the very Node that this process may be running on.
  const command = existsSync(path.join(root, 'node_modules')) ? ['install', '--no-save'] : ['ci'];
  const result = await step('Uzstāda pakotnes pēc package-lock.json (pirmajā reizē ap 30 s)', () =>
    runNpm([...command, '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root }),
  );
  if (!result.ok) {
    throw new Failure(
      `${result.output.trim()}\n\nPakotnes neizdevās uzstādīt; nekas cits nav mainīts. ` +
        'Pārbaudiet interneta savienojumu un palaidiet komandu vēlreiz.',
    );
  }
  if (projectNode({ root }) === undefined) {
    throw new Failure(
      'Šai sistēmai projekts savu Node 24 neatved. Uzstādiet Node.js 24 (nodejs.org) un palaidiet vēlreiz.',
    );
  }
  writeFileSync(path.join(root, STAMP), lockHash(root));
}
