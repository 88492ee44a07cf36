/**
 * Limits of the SQLite store.
 *
 * | limit        | value   | why                                                                        |
 * |--------------|---------|----------------------------------------------------------------------------|
 * | busyMs       | 5 000   | another process may hold the file for a checkpoint or a backup             |
 * | cacheKiB     | 32 768  | 32 MiB per connection keep the indexes of a centre in memory               |
 * | readers      | 3       | reads wait for each other only beyond this                                 |
 * | statements   | 400     | prepared statements per connection; rights of a role make a dozen each     |
 * | backupPages  | 1 000   | pages copied per step of a backup (4 MiB), so that requests come in between |
 */
export const STORE_LIMITS = {
  busyMs: 5_000,
  cacheKiB: 32_768,
  readers: 3,
  statements: 400,
  backupPages: 1_000,
} as const;
