/**
 * The limits of the desk's data layer, one table. Times are milliseconds unless the name says otherwise.
 *
 * | limit             | value   | why                                                                  |
 * |-------------------|---------|----------------------------------------------------------------------|
 * | loadChunk         | 2 000   | documents decrypted before the screen gets a turn                    |
 * | replicationRows   | 1 000   | rows of one pull or push (protocol: pageRows, pushRows)              |
 * | retryMs           | 1 500   | RxDB's pause after a failed call; the link decides about real pauses |
 * | parkedRetryMs     | 20 s    | waiting operations are tried again at least that often               |
 * | pushGateMs        | 10 s    | longest wait of a push for what it refers to                         |
 * | reconcileMs       | 24 h    | id reconciliation                                                    |
 * | idsPage           | 20 000  | ids in one reconciliation page (protocol)                            |
 * | requestMs         | 20 s    | an ordinary call                                                     |
 * | syncRequestMs     | 60 s    | a pull or push with 1 000 rows over a slow line                      |
 * | signInMs          | 8 s     | sign-in at the service, before the desk signs in offline             |
 * | probeMs           | 4 s     | health probe                                                         |
 * | backoffFirstMs    | 1 s     | first pause after a lost connection                                  |
 * | backoffMaxMs      | 30 s    | longest pause                                                        |
 * | orderLookMs       | 60 s    | whether IT has ordered this desk erased is asked that often          |
 * | diskLowBytes      | 2 GB    | less room on the computer's disk is told (Electron)                  |
 * | diskFullBytes    | 500 MB  | below it the desk only shows (Electron)                              |
 * | heartbeatMs       | 25 s    | ticket renewal, which is the heartbeat of the live socket            |
 * | heartbeatReplyMs  | 10 s    | a socket that does not answer that long is half-open                 |
 * | refreshAheadMs    | 60 s    | the access token is renewed that long before its end                 |
 * | clockSkewMs       | 5 min   | from here on the desk says that its clock is wrong                   |
 * | leaseEndingMs    | 8 h     | before its end the lease lets read only (security.md 5.5)            |
 * | leaseLookMs      | 15 s    | an open desk looks at its lease that often                           |
 * | idleLockMs        | 5 min   | the desk locks itself (decision 17)                                  |
 * | forgetKeysMs     | 1.5 s   | a lock that takes longer loses its keys all the same (2 s: 5.5)      |
 * | undoMs            | 10 min  | own acts that can be taken back                                      |
 * | draftMs           | 400     | an uncommitted text is on disk that soon after a key                 |
 * | draftDays         | 30 d    | how long a draft is kept that nobody comes back to                   |
 * | searchSettledMs   | 700     | a search without a further key for that long goes into the audit log |
 * | auditBatch        | 500     | desk events of one delivery                                          |
 * | auditBytes        | 768 KiB | of one delivery; the service takes 1 MiB (protocol: bodyBytes)       |
 * | auditRetryMs      | 30 s    | pause before desk events are delivered again                         |
 * | logWitnessFirstMs | 3 s     | the audit log is looked at that soon after a connection                |
 * | logWitnessMs      | 5 min   | and again after that: a desk is a witness of the log                   |
 * | syncLogDays       | 30 d    | how long the sync log is kept                                        |
 * | syncLogEntries    | 2 000   | and how many entries of it                                           |
 * | outboxTombstoneMs | 7 d     | erased outbox records are removed for good                           |
 */
export const DESK_LIMITS = {
  loadChunk: 2_000,
  replicationRows: 1_000,
  retryMs: 1_500,
  parkedRetryMs: 20_000,
  pushGateMs: 10_000,
  reconcileMs: 24 * 3_600_000,
  idsPage: 20_000,
  requestMs: 20_000,
  syncRequestMs: 60_000,
  signInMs: 8_000,
  probeMs: 4_000,
  backoffFirstMs: 1_000,
  backoffMaxMs: 30_000,
  orderLookMs: 60_000,
  diskLowBytes: 2_000_000_000,
  diskFullBytes: 500_000_000,
  heartbeatMs: 25_000,
  heartbeatReplyMs: 10_000,
  refreshAheadMs: 60_000,
  clockSkewMs: 300_000,
  leaseEndingMs: 8 * 3_600_000,
  leaseLookMs: 15_000,
  idleLockMs: 300_000,
  forgetKeysMs: 1_500,
  undoMs: 600_000,
  draftMs: 400,
  draftDays: 30,
  searchSettledMs: 700,
  auditBatch: 500,
  auditBytes: 786_432,
  auditRetryMs: 30_000,
  logWitnessFirstMs: 3_000,
  logWitnessMs: 300_000,
  syncLogDays: 30,
  syncLogEntries: 2_000,
  outboxTombstoneMs: 7 * 86_400_000,
} as const;
