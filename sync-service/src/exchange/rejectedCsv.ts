import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import type { RejectedRow } from './ledger.ts';

const BOM = '\ufeff';
/** Characters by which a spreadsheet takes a cell for a formula; white space before them does not hinder it. */
const FORMULA = /^[\s]*[=+\-@\t\r]/;

/** A cell that no spreadsheet runs, quoted where the format needs it. */
export function guardCell(text: string): string {
  const guarded = FORMULA.test(text) ? `'${text}` : text;
  return /[;"\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** The rejected rows as CSV for a spreadsheet: UTF-8 with a byte-order mark, `;`, CRLF. */
export function rejectedCsv(rows: readonly RejectedRow[]): string {
  const lines = [
    ['file', 'line', 'reason', 'row'],
    ...rows.map((row) => [row.file, String(row.line), row.reason, row.row]),
  ];
  return BOM + lines.map((cells) => `${cells.map(guardCell).join(';')}\r\n`).join('');
}

/**
 * Writes the rejected rows to `DATA/import/rejected-<time>.csv`, which its owner alone may read: the rows are personal
 * data. Returns the path.
 */
export async function writeRejected(
  dataDir: string,
  at: string,
  rows: readonly RejectedRow[],
): Promise<string> {
  const folder = path.join(dataDir, 'import');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `rejected-${at.replaceAll(/[:.]/g, '-')}.csv`);
  const handle = await open(file, 'w', 0o600);
  try {
    // The mode of `open` counts for new files only.
    await handle.chmod(0o600);
    await handle.writeFile(rejectedCsv(rows), 'utf8');
    await handle.sync();
  } finally {
    await handle.close();
  }
  return file;
}
