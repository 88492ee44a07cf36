import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readPolicies } from './policy-sources.ts';
import { readSettings, writeSettings } from './settings.ts';

let userData: string;
beforeEach(() => {
  userData = mkdtempSync(path.join(tmpdir(), 'sivis-user-'));
});
afterEach(() => {
  rmSync(userData, { recursive: true });
});

const env = { SIVIS_SERVICE_URL: 'http://127.0.0.1:4310' };
const base = { platform: 'linux' as const, env };

it('takes the environment in an unpackaged program only', () => {
  const server = (packaged: boolean) =>
    readPolicies({ ...base, packaged, userData }, () => undefined).effective.ServerUrl;
  expect(server(false)).toMatchObject({ value: 'http://127.0.0.1:4310', level: 'development' });
  expect(server(true)).toMatchObject({ value: null, level: 'default' });
});

it('takes what the user set, and names in the log what has no effect', async () => {
  await writeSettings(userData, { ServerUrl: 'https://sivis.example.lv', AllowDevTools: true });
  const lines: unknown[] = [];
  const { effective } = readPolicies({ ...base, packaged: true, userData }, (event, details) => {
    lines.push([event, details?.['key']]);
  });
  expect(effective.ServerUrl).toMatchObject({ value: 'https://sivis.example.lv', level: 'user' });
  expect(lines).toEqual([['policy-ignored', 'AllowDevTools']]);
});

it('starts with a damaged settings file as without one', async () => {
  expect(readSettings(path.join(userData, 'none'))).toEqual({});
  await writeSettings(userData, { ServerUrl: 'https://a.lv' });
  expect(readSettings(userData)).toEqual({ ServerUrl: 'https://a.lv' });
});
