import type { SqlCondition } from '../visibility.ts';
import type { FoundPerson, PersonRow, SearchTerm } from './personSearch.ts';

/** What goes into a statement: text, whole numbers, bytes. Conditions are 0 and 1, times are text. */
export type SqlValue = string | number | Uint8Array | null;
export type Row = Record<string, unknown>;

/** Runs statements with `?` placeholders on one connection, inside a transaction that the caller opened. */
export interface Sql {
  all(sql: string, params?: readonly SqlValue[]): Row[] | Promise<Row[]>;
  get(sql: string, params?: readonly SqlValue[]): Row | undefined | Promise<Row | undefined>;
  /** Returns how many rows were changed. */
  run(sql: string, params?: readonly SqlValue[]): number | Promise<number>;
  /**
   * Runs a statement of which nobody waits for the answer: it is sent together with what follows. What is read afterwards
   * sees it; its error comes with the next call or with the commit.
   */
  put(sql: string, params?: readonly SqlValue[]): void | Promise<void>;
}

/**
 * Where the two engines differ. Everything else of the store is one SQL text for both, so that they cannot come to
 * mean different things.
 */
export interface Dialect {
  /** A subquery of one column: the texts of a JSON array given as one parameter. */
  readonly list: string;
  /** The same for numbers. */
  readonly numbers: string;
  /** A table `w (bed_id, night)` of a JSON array `[[bed, night], …]` given as one parameter. */
  readonly nights: string;
  /** Joins with the left side read first. */
  readonly thenJoin: string;
  /** Ends a subquery that is to be computed as it stands. */
  readonly fence: string;
  /** The month `YYYY-MM` of an epoch day. */
  month(day: string): string;
  /** Makes the planner walk the index of the table before it. */
  walking(index: string): string;
  /**
   * Removes of the audit log what an entry of it has ordered: `payloads` (a JSON array of numbers) or `entries` (the last
   * number). Returns how many there were.
   */
  removeAudit(sql: Sql, what: 'payloads' | 'entries', param: string | number): Promise<number>;
  /** Writes the search row of a person anew. */
  indexPerson(sql: Sql, row: PersonRow): Promise<void>;
  /** Search rows of people whom all terms fit and `visible` admits, at most `limit`, in any order. */
  findPeople(
    sql: Sql,
    terms: readonly SearchTerm[],
    visible: SqlCondition,
    limit: number,
  ): Promise<FoundPerson[]>;
}
