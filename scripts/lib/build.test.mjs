import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourceFingerprint } from './build.mjs';

let root;
const write = (name, text) => {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'sivis-build-'));
  write('package-lock.json', '{}');
  write('desktop/src/renderer/main.ts', 'a');
  write('shared/src/text/fold.ts', 'b');
});
afterEach(() => rmSync(root, { recursive: true }));

describe('sourceFingerprint', () => {
  it('stays when only times change', () => {
    const before = sourceFingerprint(root);
    utimesSync(path.join(root, 'desktop/src/renderer/main.ts'), 1, 1);
    expect(sourceFingerprint(root)).toBe(before);
  });
  it.each([
    ['desktop/src/renderer/main.ts', 'a changed'],
    ['desktop/src/renderer/new.ts', ''],
    ['desktop/messages/lv.json', '{}'],
    ['desktop/project.inlang/settings.json', '{}'],
    ['shared/src/text/fold.ts', 'changed'],
    ['package-lock.json', '{ }'],
  ])('changes with %s', (name, text) => {
    const before = sourceFingerprint(root);
    write(name, text);
    expect(sourceFingerprint(root)).not.toBe(before);
  });
  it.each([
    'desktop/out/renderer/index.html',
    'desktop/e2e/a.spec.ts',
    'desktop/src/renderer/main.test.ts',
    'desktop/src/renderer/i18n/generated/messages.js',
    'desktop/src/main/index.ts',
    'desktop/project.inlang/cache/words.json',
    'desktop/project.inlang/.meta.json',
  ])('does not change with %s', (name) => {
    const before = sourceFingerprint(root, ['src/main']);
    write(name, 'new');
    expect(sourceFingerprint(root, ['src/main'])).toBe(before);
  });
  it('tells contents apart that only meet at another place', () => {
    write('shared/src/a.ts', 'xy');
    write('shared/src/b.ts', 'z');
    const before = sourceFingerprint(root);
    write('shared/src/a.ts', 'x');
    write('shared/src/b.ts', 'yz');
    expect(sourceFingerprint(root)).not.toBe(before);
  });
});
