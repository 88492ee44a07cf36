import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { findPostgres } from './postgres.mjs';

it('takes the server that is named before any other, and none that is not whole', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sivis-bin-'));
  try {
    const suffix = process.platform === 'win32' ? '.exe' : '';
    writeFileSync(path.join(folder, `initdb${suffix}`), '');
    expect(findPostgres({ POSTGRES_BIN: folder, PATH: '' })).not.toBe(folder);
    writeFileSync(path.join(folder, `postgres${suffix}`), '');
    expect(findPostgres({ POSTGRES_BIN: folder, PATH: '' })).toBe(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
