import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { LIMITS } from './limits.ts';
import type { Level, PolicySource } from './policies.ts';

const KEY = 'HKLM\\SOFTWARE\\Policies\\SIVIS\\Workstation';

/**
 * Reads what `reg.exe query` prints. Lines of values are not translated: four spaces, name, type, value.
 * Types other than text and 32-bit numbers are left out, as is the unnamed value.
 */
export function parseRegistryAnswer(output: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const line of output.split(/\r?\n/)) {
    const match = /^ {4}([A-Za-z]\w*) {4}(REG_SZ|REG_DWORD) {4}(.*)$/.exec(line);
    if (match === null) continue;
    const [, name = '', type, text = ''] = match;
    values[name] = type === 'REG_DWORD' ? Number(text) : text;
  }
  return values;
}

/** Runs a program and gives its standard output, or undefined when it fails. */
export type Run = (file: string, args: readonly string[]) => string | undefined;

const run: Run = (file, args) => {
  const { status, stdout } = spawnSync(file, args, {
    encoding: 'utf8',
    timeout: LIMITS.registryAnswer,
    windowsHide: true,
  });
  return status === 0 ? stdout : undefined;
};

function readKey(query: Run, systemRoot: string, key: string, level: Level): PolicySource[] {
  // The full path: a reg.exe in the working folder must not be the one that answers.
  const tool = path.win32.join(systemRoot, 'System32', 'reg.exe');
  const output = query(tool, ['query', key, '/reg:64']);
  return output === undefined ? [] : [{ level, name: key, values: parseRegistryAnswer(output) }];
}

/**
 * Reads the policies of the machine from the 64-bit registry of Windows: the key itself is mandatory, its
 * sub-key `Recommended` proposes. A key that does not exist is no policy.
 */
export function readPolicyRegistry(systemRoot: string, query: Run = run): readonly PolicySource[] {
  return [
    ...readKey(query, systemRoot, KEY, 'mandatory'),
    ...readKey(query, systemRoot, `${KEY}\\Recommended`, 'recommended'),
  ];
}
