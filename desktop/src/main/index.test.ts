import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CHANNELS, LOCK_CHANNEL } from '../preload/channels.ts';
import { calls, ready, world } from './testing/fakeElectron.ts';

vi.mock('electron', async () => (await import('./testing/fakeElectron.ts')).electron);

const names = () => calls.map((c) => c.name);
const position = (name: string) => names().indexOf(name);
const argsOf = (name: string, first?: unknown) =>
  calls.find((c) => c.name === name && (first === undefined || c.args[0] === first))?.args;

describe('start of the program', () => {
  let beforeReady: string[];

  beforeAll(async () => {
    vi.useFakeTimers();
    world.appData = mkdtempSync(path.join(tmpdir(), 'sivis-boot-'));
    await import('./index.ts');
    beforeReady = names();
    ready.resolve(undefined);
    await vi.waitFor(() => expect(names()).toContain('window.loadURL'));
  });
  afterAll(() => {
    vi.useRealTimers();
    rmSync(world.appData, { recursive: true });
  });

  it.each([
    'app.setPath',
    'app.enableSandbox',
    'protocol.registerSchemesAsPrivileged',
    'app.requestSingleInstanceLock',
  ])('%s comes before Electron is ready', (name) => {
    expect(beforeReady).toContain(name);
  });

  it('keeps its data in a folder of its own, before the lock is asked for, which belongs to it', () => {
    expect(argsOf('app.setPath')).toEqual(['userData', path.join(world.appData, 'SIVIS')]);
    expect(position('app.setPath')).toBeLessThan(position('app.requestSingleInstanceLock'));
  });

  it('watches every web contents before there is one', () => {
    expect(calls.some((c) => c.name === 'app.on' && c.args[0] === 'web-contents-created')).toBe(true);
    expect(beforeReady).not.toContain('BrowserWindow');
  });

  it.each([
    'session.setPermissionRequestHandler',
    'session.setPermissionCheckHandler',
    'session.setDevicePermissionHandler',
    'session.setDisplayMediaRequestHandler',
    'session.setBluetoothPairingHandler',
    'webRequest.onBeforeRequest',
    'protocol.handle',
  ])('%s is set before the window is made', (name) => {
    expect(position(name)).toBeGreaterThan(-1);
    expect(position(name)).toBeLessThan(position('BrowserWindow'));
  });

  it('answers every channel before the page is loaded', () => {
    const opened = calls.filter((c) => c.name === 'ipcMain.handle');
    expect(opened.map((c) => c.args[0])).toEqual(Object.values(CHANNELS));
    expect(names().lastIndexOf('ipcMain.handle')).toBeLessThan(position('window.loadURL'));
  });

  it('loads our page and nothing else', () => {
    expect(calls.filter((c) => /load(?:URL|File)/.test(c.name)).map((c) => c.args)).toEqual([
      ['app://sivis/'],
    ]);
  });

  it('makes one window, with its preload script and without developer tools', () => {
    expect(names().filter((n) => n === 'BrowserWindow')).toHaveLength(1);
    const [options] = argsOf('BrowserWindow') as [{ webPreferences: Record<string, unknown> }];
    expect(options.webPreferences).toMatchObject({ sandbox: true, devTools: false, spellcheck: false });
    expect(options.webPreferences['preload']).toMatch(/preload[/\\]index\.cjs$/);
  });

  it('tells the page to lock when the computer sleeps', () => {
    const [, sleep] = argsOf('powerMonitor.on', 'suspend') as [string, () => void];
    sleep();
    expect(argsOf('webContents.send')).toEqual([LOCK_CHANNEL, 'suspend']);
  });

  it('shows its window when the program is started once more', () => {
    const [, again] = argsOf('app.on', 'second-instance') as [string, () => void];
    again();
    expect(names().slice(-3)).toEqual(['window.restore', 'window.show', 'window.focus']);
  });
});
