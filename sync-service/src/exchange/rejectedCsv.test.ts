import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { guardCell, rejectedCsv, writeRejected } from './rejectedCsv.ts';

const row = { file: 'f.csv', line: 7, reason: 'missing_name' as const, row: '=1+1;x' };

describe('guardCell', () => {
  it.each(['=1+1', '+1', '-1', '@SUM', '\tx', '\rx', '  =1'])('makes text of %j', (text) => {
    expect(guardCell(text).replaceAll('"', '')).toBe(`'${text}`);
  });

  it('quotes what the format needs quoted and leaves the rest alone', () => {
    expect(guardCell('1;Anna "A"')).toBe('"1;Anna ""A"""');
    expect(guardCell('Bērziņa')).toBe('Bērziņa');
  });
});

describe('writeRejected', () => {
  it('writes UTF-8 with a mark, for its owner only', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'sivis-rejected-'));
    try {
      const file = await writeRejected(dataDir, '2026-11-20T08:00:00.000Z', [row]);
      expect(path.relative(dataDir, file)).toBe(path.join('import', 'rejected-2026-11-20T08-00-00-000Z.csv'));
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
      expect(await readFile(file, 'utf8')).toBe(rejectedCsv([row]));
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('has the columns file, line, reason, row', () => {
    expect(rejectedCsv([row])).toBe(`\ufefffile;line;reason;row\r\nf.csv;7;missing_name;"'=1+1;x"\r\n`);
  });
});
