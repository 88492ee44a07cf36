/**
 * Limits that both engines share.
 *
 * | limit      | value   | why                                                                          |
 * |------------|---------|------------------------------------------------------------------------------|
 * | searchPool | 1 000   | people among whom the best are chosen; the total is counted up to this       |
 * | countCap   | 100 000 | audit entries counted for a filter                                           |
 * | attemptsMs | 24 h    | sign-in attempts older than this are forgotten                               |
 */
export const SQL_LIMITS = { searchPool: 1_000, countCap: 100_000, attemptsMs: 86_400_000 } as const;
