import { expect, it } from 'vitest';
import { profileFolder } from './profile.ts';

const linux = { platform: 'linux' as const, env: {}, appData: '/home/a/.config', packaged: true };
const windows = {
  platform: 'win32' as const,
  env: { LOCALAPPDATA: 'C:\\Users\\a\\AppData\\Local' },
  appData: 'C:\\Users\\a\\AppData\\Roaming',
  packaged: true,
};

it('is local to the computer', () => {
  expect(profileFolder(linux)).toEqual({ ok: true, folder: '/home/a/.config/SIVIS' });
  expect(profileFolder(windows)).toEqual({ ok: true, folder: 'C:\\Users\\a\\AppData\\Local\\SIVIS' });
});

it('is never on a network drive', () => {
  const env = { LOCALAPPDATA: '\\\\server\\profiles\\a' };
  expect(profileFolder({ ...windows, env })).toEqual({ ok: false, reason: 'network-path' });
});

it('gives each desk of an unpackaged program a folder of its own', () => {
  const folder = (desk: string, packaged: boolean) =>
    profileFolder({ ...linux, env: { SIVIS_DESK: desk }, packaged });
  expect(folder('2', false)).toEqual({ ok: true, folder: '/home/a/.config/SIVIS-desk-2' });
  expect(folder('1', false)).toEqual({ ok: true, folder: '/home/a/.config/SIVIS' });
  expect(folder('../x', false)).toEqual({ ok: true, folder: '/home/a/.config/SIVIS' });
  expect(folder('2', true)).toEqual({ ok: true, folder: '/home/a/.config/SIVIS' });
});
