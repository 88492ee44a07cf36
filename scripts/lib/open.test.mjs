import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { accountTable } from './accounts.mjs';
import { findChromium, hasScreen, openCommand } from './browser.mjs';
import { findElectron, obtainElectron } from './electron.mjs';
import { readEvent } from './service.mjs';
import { parseTestArgs } from './testArgs.mjs';

const folders = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function project(files) {
  const root = mkdtempSync(path.join(os.tmpdir(), 'sivis-open-'));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}

describe('accountTable', () => {
  it('aligns columns by characters and names the roles', () => {
    const table = accountTable([
      { role: 'duty-manager', name: 'Ģirts Šmits', user: 'vaditajs', password: 'abc' },
      { role: 'it', name: 'Ina', user: 'it', password: 'defg' },
    ]);
    expect(table).toEqual([
      '  Loma                    Vārds         Lietotājs   Parole',
      '  Dežurējošais vadītājs   Ģirts Šmits   vaditajs    abc',
      '  IT                      Ina           it          defg',
    ]);
  });
  it('is nothing without accounts', () => {
    expect(accountTable([])).toEqual([]);
  });
});

describe('readEvent', () => {
  it('reads events and passes over everything else', () => {
    expect(readEvent('{"event":"ready","url":"x"}')).toEqual({ event: 'ready', url: 'x' });
    for (const line of ['', 'words', '1', 'null', '[]', '{"level":30}'])
      expect(readEvent(line)).toBeUndefined();
  });
});

describe('a screen and a browser', () => {
  it('sees a screen by the display, never on a build server', () => {
    expect(hasScreen({ DISPLAY: ':0' }, 'linux')).toBe(true);
    expect(hasScreen({ WAYLAND_DISPLAY: 'w' }, 'linux')).toBe(true);
    expect(hasScreen({}, 'linux')).toBe(false);
    expect(hasScreen({}, 'win32')).toBe(true);
    expect(hasScreen({ CI: 'true' }, 'win32')).toBe(false);
  });
  it('opens an address without a shell', () => {
    expect(openCommand('http://a/?b&c', 'win32')).toEqual([
      'rundll32',
      ['url.dll,FileProtocolHandler', 'http://a/?b&c'],
    ]);
    expect(openCommand('http://a', 'linux')).toEqual(['xdg-open', ['http://a']]);
    expect(openCommand('http://a', 'darwin')).toEqual(['open', ['http://a']]);
  });
  it('finds a browser by name, by the usual places, or where it is told', () => {
    const exists = (file) => file === '/opt/x/google-chrome' || file === '/given';
    expect(findChromium({ env: { PATH: '/opt/x' }, platform: 'linux', exists })).toBe('/opt/x/google-chrome');
    expect(findChromium({ env: { PATH: '', CHROME_PATH: '/given' }, platform: 'linux', exists })).toBe(
      '/given',
    );
    expect(
      findChromium({ env: { PATH: '', CHROME_PATH: '/gone' }, platform: 'linux', exists }),
    ).toBeUndefined();
    const edge = String.raw`C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe`;
    const env = {
      PROGRAMFILES: String.raw`C:\Program Files`,
      'PROGRAMFILES(X86)': String.raw`C:\Program Files (x86)`,
    };
    expect(findChromium({ env, platform: 'win32', exists: (file) => file === edge })).toBe(edge);
  });
});

describe('Electron', () => {
  const there = { 'node_modules/electron/path.txt': 'electron', 'node_modules/electron/dist/electron': '' };
  it('is found in its package or where the environment says', () => {
    const root = project({ ...there, 'own/electron': '' });
    expect(findElectron({ root, env: {}, platform: 'linux' })).toBe(
      path.join(root, 'node_modules/electron/dist/electron'),
    );
    const env = { ELECTRON_OVERRIDE_DIST_PATH: path.join(root, 'own') };
    expect(findElectron({ root, env, platform: 'linux' })).toBe(path.join(root, 'own/electron'));
  });
  it('is not taken for whole when its unpacking was cut short', () => {
    const root = project({ 'node_modules/electron/dist/electron': '' });
    expect(findElectron({ root, env: {}, platform: 'linux' })).toBeUndefined();
  });
  it('gives a download up at the limit and does not repeat it at the next start', async () => {
    const root = project({
      'node_modules/electron/install.js':
        "require('node:fs').appendFileSync(__dirname + '/tries', 'x'); setInterval(() => {}, 1000);",
    });
    expect(await obtainElectron(process.execPath, { root, env: {}, limitMs: 300 })).toBeUndefined();
    const again = obtainElectron(process.execPath, { root, env: {}, limitMs: 60_000 });
    expect(await again).toBeUndefined();
  });
});

describe('parseTestArgs', () => {
  it('runs all, one, or all but the check', () => {
    expect(parseTestArgs([])).toEqual({ stages: ['check', 'units', 'e2e'], rest: [] });
    expect(parseTestArgs(['--no-check'])).toEqual({ stages: ['units', 'e2e'], rest: [] });
    expect(parseTestArgs(['--only', 'units', 'shared/src/text'])).toEqual({
      stages: ['units'],
      rest: ['shared/src/text'],
    });
    expect(() => parseTestArgs(['--only', 'all'])).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
