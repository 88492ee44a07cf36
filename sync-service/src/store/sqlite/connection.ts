import { constants, DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Row, Sql, SqlValue } from '../sql/dialect.ts';
import { STORE_LIMITS } from './limits.ts';

/** One SQLite connection with its prepared statements. */
export interface Connection extends Sql {
  readonly db: DatabaseSync;
  all(sql: string, params?: readonly SqlValue[]): Row[];
  get(sql: string, params?: readonly SqlValue[]): Row | undefined;
  run(sql: string, params?: readonly SqlValue[]): number;
  close(): void;
}

const AUDIT_TABLES = new Set([
  'audit_entry',
  'audit_payload',
  'audit_subject',
  'audit_erasure',
  'audit_retention',
  'audit_kept',
]);
/** Of the others the triggers decide: what an entry of the log has ordered may go. */
const APPEND_ONLY = new Set(['audit_erasure', 'audit_retention', 'audit_kept']);

/** Pragmas by which somebody could get around the triggers, or lose what was acknowledged. */
const FIXED_PRAGMAS = new Set([
  'writable_schema',
  'recursive_triggers',
  'synchronous',
  'journal_mode',
  'user_version',
]);

function denies(action: number, first: string | null, second: string | null): boolean {
  switch (action) {
    case constants.SQLITE_DELETE:
      return first !== null && APPEND_ONLY.has(first);
    case constants.SQLITE_UPDATE:
      return first !== null && AUDIT_TABLES.has(first);
    case constants.SQLITE_DROP_TABLE:
    case constants.SQLITE_DROP_INDEX:
      return [first, second].some((name) => name !== null && AUDIT_TABLES.has(name));
    case constants.SQLITE_ALTER_TABLE:
    case constants.SQLITE_DROP_TRIGGER:
    case constants.SQLITE_CREATE_TRIGGER:
    case constants.SQLITE_DROP_TEMP_TRIGGER:
    case constants.SQLITE_CREATE_TEMP_TRIGGER:
      return [first, second].some((name) => name?.startsWith('audit_') === true);
    case constants.SQLITE_PRAGMA:
      return first !== null && second !== null && FIXED_PRAGMAS.has(first.toLowerCase());
    case constants.SQLITE_ATTACH:
      return true;
    default:
      return false;
  }
}

/**
 * Forbids on this connection what would rewrite the audit log (decision 11). The triggers say the same; this one also
 * refuses to take the triggers away. Neither is the proof: that is the checkpoint.
 */
export function guardAudit(db: DatabaseSync): void {
  db.setAuthorizer((action, first, second) =>
    denies(action, first, second) ? constants.SQLITE_DENY : constants.SQLITE_OK,
  );
}

const NONE: readonly SqlValue[] = [];

/**
 * SQLite looks at the value of a bare `LIMIT ?` when it plans, and so plans the statement anew at each execution, which
 * costs more than most of our queries. An expression is not looked at.
 */
const plannedOnce = (sql: string): string => sql.replaceAll('LIMIT ?', 'LIMIT ? + 0');

/** Opens a connection with the settings on which durability rests: WAL and synchronous=FULL. */
export function openConnection(file: string, options: { readonly readOnly?: boolean } = {}): Connection {
  const db = new DatabaseSync(file, { readOnly: options.readOnly === true, timeout: STORE_LIMITS.busyMs });
  if (options.readOnly === true) db.exec('PRAGMA query_only = ON');
  else {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    // With it, INSERT OR REPLACE fires the delete triggers that keep the audit log.
    db.exec('PRAGMA recursive_triggers = ON');
  }
  db.exec(`PRAGMA cache_size = -${STORE_LIMITS.cacheKiB}; PRAGMA temp_store = MEMORY`);
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    if (statements.size >= STORE_LIMITS.statements) {
      const oldest = statements.keys().next().value;
      if (oldest !== undefined) statements.delete(oldest);
    }
    const statement = db.prepare(plannedOnce(sql));
    statements.set(sql, statement);
    return statement;
  };
  return {
    db,
    all: (sql, params = NONE) => prepared(sql).all(...params),
    get: (sql, params = NONE) => prepared(sql).get(...params),
    run: (sql, params = NONE) => Number(prepared(sql).run(...params).changes),
    put: (sql, params = NONE) => void prepared(sql).run(...params),
    close: () => {
      statements.clear();
      db.close();
    },
  };
}
