import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createLog } from './log.ts';

it('writes lines, keeps one older file, and survives a disk that takes none', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sivis-log-'));
  const now = () => new Date('2026-11-21T10:00:00.000Z');
  const log = createLog(folder, now);
  log('blocked', { what: 'request' });
  const file = path.join(folder, 'main.log');
  expect(readFileSync(file, 'utf8')).toBe(
    '{"at":"2026-11-21T10:00:00.000Z","event":"blocked","what":"request"}\n',
  );
  writeFileSync(file, 'x'.repeat(1_100_000));
  log('again');
  expect(readFileSync(file, 'utf8')).toContain('again');
  expect(existsSync(`${file}.1`)).toBe(true);
  rmSync(folder, { recursive: true });
  expect(() => createLog('/dev/null/folder')('lost')).not.toThrow();
});
