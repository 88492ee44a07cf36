import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { WebPreferences } from 'electron';
import { describe, expect, it } from 'vitest';
import { guardWebPreferences } from './web-preferences-guard.ts';

const SAFE: WebPreferences = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  webviewTag: false,
};

describe('preferences of a window', () => {
  it('passes the safe ones unchanged', () => {
    expect(guardWebPreferences(SAFE)).toBe(SAFE);
  });

  it.each(Object.keys(SAFE) as (keyof WebPreferences)[])('stops when %s is turned or left out', (name) => {
    expect(() => guardWebPreferences({ ...SAFE, [name]: !SAFE[name] })).toThrow(name);
    const { [name]: _left, ...without } = SAFE;
    expect(() => guardWebPreferences(without)).toThrow(name);
  });

  it.each([
    { allowRunningInsecureContent: true },
    { experimentalFeatures: false },
    { enableBlinkFeatures: 'X' },
    { plugins: true },
  ])('stops when %j is set', (extra) => {
    expect(() => guardWebPreferences({ ...SAFE, ...extra })).toThrow(Object.keys(extra)[0]!);
  });

  it('has a stable code', () => {
    expect(() => guardWebPreferences({})).toThrow(
      expect.objectContaining({ code: 'unsafe-web-preferences' }),
    );
  });
});

it('stands at every window: as many guard calls as windows', () => {
  const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('testing'))
    .map((name) => readFileSync(path.join(import.meta.dirname, name), 'utf8'))
    .join('\n');
  const windows = sources.match(/new (?:BrowserWindow|BaseWindow|WebContentsView|BrowserView)\b/g) ?? [];
  const guarded = sources.match(/webPreferences: guardWebPreferences\(/g) ?? [];
  expect(windows.length).toBe(1);
  expect(guarded.length).toBe(windows.length);
  expect(sources.match(/webPreferences:/g)?.length).toBe(guarded.length);
});
