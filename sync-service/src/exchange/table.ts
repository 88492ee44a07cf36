import { parse } from 'csv-parse/sync';
import { ImportError } from './importError.ts';
import { decodeWindows1257 } from './windows1257.ts';

/** A row of a file as it came; nothing of it is judged yet. */
export interface TableRow<C extends string> {
  /** First line of the row in the file, from 1. */
  readonly line: number;
  /** The row's text without its line end. */
  readonly raw: string;
  /** Trimmed cells by column; `null` when the row has not as many cells as the header. */
  readonly cells: Readonly<Record<C, string>> | null;
}

export interface Table<C extends string> {
  readonly file: string;
  readonly rows: readonly TableRow<C>[];
}

interface RawRow {
  readonly line: number;
  readonly raw: string;
  readonly cells: readonly string[];
}

const DELIMITER = ';';

function isQuoteNotClosed(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'CSV_QUOTE_NOT_CLOSED';
}

/** By hand: a pattern would look at a long run of line ends anew from each of them. */
function withoutLineEnds(raw: string): string {
  let end = raw.length;
  while (end > 0 && (raw[end - 1] === '\n' || raw[end - 1] === '\r')) end -= 1;
  return raw.slice(0, end);
}

/** Counts lines itself: the parser counts CRLF inside quotes twice. */
function splitRows(file: string, text: string, lineEnd: string): RawRow[] {
  const rows: RawRow[] = [];
  let line = 1;
  try {
    parse(text, {
      delimiter: DELIMITER,
      record_delimiter: lineEnd,
      relax_column_count: true,
      relax_quotes: true,
      raw: true,
      on_record: (entry: unknown) => {
        const { record, raw } = entry as { record: string[]; raw: string };
        rows.push({ line, raw: withoutLineEnds(raw), cells: record });
        line += 1 + (raw.replace(/\n$/, '').match(/\n/g)?.length ?? 0);
        return null;
      },
    });
  } catch (error) {
    if (isQuoteNotClosed(error)) throw new ImportError('truncated', { file, line });
    throw error;
  }
  return rows;
}

/**
 * Reads a Windows-1257 file with `;` between cells and a header line. Throws an ImportError with the line, before
 * anything is made of it: `wrong_encoding`, `truncated` (no line end at the end, an open quote, a short last row) or
 * `missing_column`. Columns are found by their names; further columns are ignored.
 */
export function readTable<C extends string>(
  file: string,
  bytes: Uint8Array,
  columns: readonly C[],
): Table<C> {
  const text = decodeWindows1257(file, bytes);
  const firstEnd = text.indexOf('\n');
  const lineEnd = firstEnd > 0 && text[firstEnd - 1] === '\r' ? '\r\n' : '\n';
  const rows = splitRows(file, text, lineEnd);
  const lastLine = rows.at(-1)?.line ?? 1;
  const header = rows[0];
  if (header === undefined || !text.endsWith(lineEnd))
    throw new ImportError('truncated', { file, line: lastLine });
  const names = header.cells.map((name) => name.trim());
  for (const column of columns) {
    if (!names.includes(column)) throw new ImportError('missing_column', { file, line: 1, detail: column });
  }
  const last = rows.at(-1);
  if (last !== undefined && last.raw !== '' && last.cells.length < names.length) {
    throw new ImportError('truncated', { file, line: lastLine });
  }
  const places = columns.map((column) => [column, names.indexOf(column)] as const);
  return {
    file,
    rows: rows.slice(1).map(({ line, raw, cells }) => ({
      line,
      raw,
      cells:
        cells.length === names.length
          ? (Object.fromEntries(places.map(([column, at]) => [column, (cells[at] ?? '').trim()])) as Record<
              C,
              string
            >)
          : null,
    })),
  };
}
