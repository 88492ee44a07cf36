/**
 * Limits of the PostgreSQL store. Times are ms.
 *
 * | limit          | value  | why                                                                               |
 * |----------------|--------|-----------------------------------------------------------------------------------|
 * | readers        | 8      | reading connections of one instance; further reads wait                           |
 * | others         | 3      | connections beside the readers: writer, shared memory, backup                     |
 * | sweepCalls     | 500    | the shared memory is rid of what has run out once in so many calls                |
 * | statementMs    | 30 000 | a statement that takes longer is broken off; the request is answered UNAVAILABLE   |
 * | lockMs         | 10 000 | waiting for the turn to write, behind other instances                             |
 * | idleInTxMs     | 15 000 | an instance that stopped in the middle of a transaction lets the others go on     |
 * | connectMs      | 5 000  | a server that does not answer is called unavailable                               |
 * | aliveMs        | 10 000 | the listening connection is asked whether it lives; a half-open one is replaced   |
 * | reconnectMs    | 250    | before a lost listening connection is opened again; doubles up to `reconnectMaxMs` |
 * | reconnectMaxMs | 5 000  |                                                                                   |
 * | attempts       | 4      | tries of a transaction that others made fail (serialisation, deadlock)            |
 * | backoffMs      | 20     | upper bound of the random wait before the second try; doubles                     |
 * | statements     | 400    | prepared statements per connection                                                |
 * | copyRows       | 1 000  | rows per statement of a backup or restore                                         |
 */
export const PG_LIMITS = {
  readers: 8,
  others: 3,
  sweepCalls: 500,
  statementMs: 30_000,
  lockMs: 10_000,
  idleInTxMs: 15_000,
  connectMs: 5_000,
  aliveMs: 10_000,
  reconnectMs: 250,
  reconnectMaxMs: 5_000,
  attempts: 4,
  backoffMs: 20,
  statements: 400,
  copyRows: 1_000,
} as const;
