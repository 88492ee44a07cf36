import { SivisError } from '@sivis/shared/protocol/errors.ts';

/** SQLite's primary result codes that mean: the disk has no room, or does not take what is written. */
const SQLITE_FULL = 13;
const SQLITE_IOERR = 10;

/** What a client should wait before it comes again, in seconds. */
const RETRY_AFTER = 1;

/**
 * SQLSTATE of PostgreSQL: the connection is gone or was not made, the server goes down or starts, is out of memory or
 * connections, a time-out, or (after the retries) somebody else was always first.
 */
const PG_AGAIN =
  /^(08...|57P0[1-5]|57014|53200|53300|55P03|25P0[234]|40001|40P01|40003|25006|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const PG_DISK_FULL = '53100';
/** Errors that `pg` itself makes carry words only. */
const PG_WORDS =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|Query read timeout)/;

/**
 * The error as the service knows it: STORE_FULL for a disk that takes nothing more, UNAVAILABLE for a database that
 * does not answer now (nothing was acknowledged), otherwise the error itself.
 */
export function storeError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SivisError) return error;
  const { errcode, code, syscall } = error as { errcode?: number; code?: unknown; syscall?: string };
  const primary = errcode === undefined ? undefined : errcode & 0xff;
  if (primary === SQLITE_FULL || primary === SQLITE_IOERR) return new SivisError('STORE_FULL');
  if (code === 'ENOSPC' || code === 'EIO' || code === PG_DISK_FULL) return new SivisError('STORE_FULL');
  // A missing file is another matter than a missing socket of the database.
  const network = code !== 'ENOENT' || syscall === 'connect';
  if ((typeof code === 'string' && network && PG_AGAIN.test(code)) || PG_WORDS.test(error.message)) {
    return new SivisError('UNAVAILABLE', { retryAfter: RETRY_AFTER });
  }
  return error;
}
