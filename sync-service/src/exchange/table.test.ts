import { describe, expect, it } from 'vitest';
import { encodeWindows1257 } from '../../test/legacy/windows1257.ts';
import { ImportError } from './importError.ts';
import { readTable, type Table } from './table.ts';

const read = (text: string): Table<'Vārds' | 'Skaits'> =>
  readTable('f.csv', encodeWindows1257(text), ['Vārds', 'Skaits']);

function placeOf(text: string): unknown {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ImportError) return { code: error.code, ...error.place };
    throw error;
  }
  return 'taken';
}

describe('readTable', () => {
  it('finds columns by name, trims cells, and knows the line of each row', () => {
    const table = read('Lieks;Skaits;Vārds\r\nx; 2 ;Anna\r\n;;\r\n');
    expect(table.rows).toEqual([
      { line: 2, raw: 'x; 2 ;Anna', cells: { Vārds: 'Anna', Skaits: '2' } },
      { line: 3, raw: ';;', cells: { Vārds: '', Skaits: '' } },
    ]);
  });

  it('reads quoted cells with separators, quotes and line ends, and counts lines on after them', () => {
    const table = read('Vārds;Skaits\r\n"a;""b""\r\nc";1\r\nd "e" f;2\r\n');
    expect(table.rows.map((row) => [row.line, row.cells])).toEqual([
      [2, { Vārds: 'a;"b"\r\nc', Skaits: '1' }],
      [4, { Vārds: 'd "e" f', Skaits: '2' }],
    ]);
  });

  it('keeps a row with a wrong number of cells for the book of rejections', () => {
    const table = read('Vārds;Skaits\r\na\r\nb;1;2\r\n\r\nc;3\r\n');
    expect(table.rows.map((row) => row.cells)).toEqual([null, null, null, { Vārds: 'c', Skaits: '3' }]);
    expect(table.rows.map((row) => row.line)).toEqual([2, 3, 4, 5]);
  });

  it('takes LF where the whole file has it, an empty table, and an empty last line', () => {
    expect(read('Vārds;Skaits\na;1\n').rows.length).toBe(1);
    expect(read('Vārds;Skaits\r\n').rows).toEqual([]);
    expect(read('Vārds;Skaits\r\na;1\r\n\r\n').rows.map((row) => row.cells)).toEqual([
      { Vārds: 'a', Skaits: '1' },
      null,
    ]);
  });

  it.each([
    ['an empty file', '', 1],
    ['a header without a line end', 'Vārds;Skaits', 1],
    ['a last row without a line end', 'Vārds;Skaits\r\na;1\r\nb;2', 3],
    ['a last row with half a line end', 'Vārds;Skaits\r\na;1\r\nb;2\r', 3],
    ['a last row that is too short', 'Vārds;Skaits\r\na;1\r\nb\r\n', 3],
    ['an open quote', 'Vārds;Skaits\r\na;1\r\n"b;2\r\nc;3\r\n', 3],
  ])('refuses %s as cut off', (_, text, line) => {
    expect(placeOf(text)).toEqual({ code: 'truncated', file: 'f.csv', line });
  });

  it('names the column that is missing', () => {
    expect(placeOf('Vārds;Daudzums\r\na;1\r\n')).toEqual({
      code: 'missing_column',
      file: 'f.csv',
      line: 1,
      detail: 'Skaits',
    });
  });

  it('is cut off wherever inside a row it ends', () => {
    const whole = 'Vārds;Skaits\r\nAnna;1\r\nBaiba;2\r\n';
    const ends = new Set([whole.length, 'Vārds;Skaits\r\nAnna;1\r\n'.length, 'Vārds;Skaits\r\n'.length]);
    for (let length = 0; length <= whole.length; length += 1) {
      const place = placeOf(whole.slice(0, length));
      if (ends.has(length)) expect(place).toBe('taken');
      else expect((place as { code: string }).code).toBe('truncated');
    }
  });
});
