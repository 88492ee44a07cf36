/** Why a row was rejected. */
export type RejectReason =
  | 'missing_key'
  | 'duplicate_key'
  | 'missing_name'
  | 'malformed_code'
  | 'impossible_date'
  | 'departure_before_arrival'
  | 'unknown_bed'
  | 'unknown_guest'
  | 'bed_overlap'
  | 'malformed_row';

export type RowWarning = 'missing_birth_date' | 'checksum_mismatch';

export interface RejectedRow {
  readonly file: string;
  readonly line: number;
  readonly reason: RejectReason;
  /** The row as it came; personal data, for the rejected file only. */
  readonly row: string;
}

export interface FileReport {
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
}

/** The book of one file: every row ends in it once, so that accepted and rejected add up to the rows. */
export interface Ledger {
  accept(warnings?: readonly RowWarning[]): void;
  reject(row: { readonly line: number; readonly raw: string }, reason: RejectReason): void;
  rejectedRows(): readonly RejectedRow[];
  report(): FileReport;
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export function createLedger(file: string): Ledger {
  const rejected: RejectedRow[] = [];
  const reasons = new Map<string, number>();
  const warnings = new Map<string, number>();
  let accepted = 0;
  return {
    accept(found = []) {
      accepted += 1;
      for (const warning of new Set(found)) count(warnings, warning);
    },
    reject(row, reason) {
      rejected.push({ file, line: row.line, reason, row: row.raw });
      count(reasons, reason);
    },
    rejectedRows: () => rejected,
    report: () => ({
      rows: accepted + rejected.length,
      accepted,
      rejected: sorted(reasons),
      warnings: sorted(warnings),
    }),
  };
}
