import { expect, it } from 'vitest';
import { parseRegistryAnswer, readPolicyRegistry } from './policy-registry.ts';

const ANSWER = [
  '',
  'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\SIVIS\\Workstation',
  '    (Default)    REG_SZ    x',
  '    ServerUrl    REG_SZ    https://sivis.example.lv',
  '    LockAfterMinutes    REG_DWORD    0xa',
  '    AllowDevTools    REG_DWORD    0x0',
  '    Blob    REG_BINARY    00FF',
  '    Spaces    REG_SZ    a    b',
  '',
  'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\SIVIS\\Workstation\\Recommended',
  '',
].join('\r\n');

it('reads what reg.exe prints', () => {
  expect(parseRegistryAnswer(ANSWER)).toEqual({
    ServerUrl: 'https://sivis.example.lv',
    LockAfterMinutes: 10,
    AllowDevTools: 0,
    Spaces: 'a    b',
  });
});

it('asks the 64-bit view by a full path, and takes a missing key for no policy', () => {
  const asked: unknown[] = [];
  const sources = readPolicyRegistry('C:\\Windows', (file, args) => {
    asked.push([file, ...args]);
    return args[1]?.endsWith('Recommended') ? undefined : ANSWER;
  });
  expect(asked[0]).toEqual([
    'C:\\Windows\\System32\\reg.exe',
    'query',
    'HKLM\\SOFTWARE\\Policies\\SIVIS\\Workstation',
    '/reg:64',
  ]);
  expect(asked).toHaveLength(2);
  expect(sources.map((s) => s.level)).toEqual(['mandatory']);
});
