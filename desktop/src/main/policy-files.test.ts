import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPolicyFiles } from './policy-files.ts';

describe('policy files', () => {
  let folder: string;
  const me = process.getuid?.() ?? 0;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sivis-policies-'));
    for (const level of ['managed', 'recommended']) mkdirSync(path.join(folder, level), { mode: 0o755 });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function put(name: string, content: string, mode = 0o644) {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    chmodSync(file, mode);
    return file;
  }

  it('reads both levels in the order of names', () => {
    put('managed/20-b.json', '{"LockAfterMinutes":2}');
    put('managed/10-a.json', '{"LockAfterMinutes":1}');
    put('managed/notes.txt', 'x');
    put('recommended/a.json', '{"ServerUrl":"https://a.lv"}');
    const { sources, refused } = readPolicyFiles(folder, me);
    expect(sources.map((s) => [s.level, path.basename(s.name), s.values])).toEqual([
      ['mandatory', '10-a.json', { LockAfterMinutes: 1 }],
      ['mandatory', '20-b.json', { LockAfterMinutes: 2 }],
      ['recommended', 'a.json', { ServerUrl: 'https://a.lv' }],
    ]);
    expect(refused).toEqual([]);
  });

  it.each([
    ['others may write it', '{}', 0o666, 'writable'],
    ['its group may write it', '{}', 0o664, 'writable'],
    ['it is not JSON', '{', 0o644, 'not-json'],
    ['it is a list', '[]', 0o644, 'not-json'],
    ['it is too large', `{"x":"${'y'.repeat(70_000)}"}`, 0o644, 'too-large'],
  ])('refuses a file when %s', (_why, content, mode, problem) => {
    const file = put('managed/a.json', content, mode);
    put('managed/b.json', '{"LockAfterMinutes":2}');
    const { sources, refused } = readPolicyFiles(folder, me);
    expect(refused).toEqual([{ file, problem }]);
    expect(sources).toHaveLength(1);
  });

  it('refuses files of another owner, and a folder that others may write', () => {
    put('managed/a.json', '{}');
    expect(readPolicyFiles(folder, me + 1).refused[0]?.problem).toBe('owner');
    chmodSync(path.join(folder, 'managed'), 0o777);
    expect(readPolicyFiles(folder, me).refused).toEqual([
      { file: path.join(folder, 'managed'), problem: 'writable' },
    ]);
  });

  it('is content without a folder', () => {
    expect(readPolicyFiles(path.join(folder, 'none'), me)).toEqual({ sources: [], refused: [] });
  });
});
