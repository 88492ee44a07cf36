/**
 * The limits of the protocol (decision 20), one table. Counts are counts, bytes are bytes, times are ms.
 *
 * | limit            | value    | why                                                        |
 * |------------------|----------|------------------------------------------------------------|
 * | bodyBytes        | 1 MiB    | any request but a push                                     |
 * | pushBytes        | 10 MiB   | a day's offline work of a busy desk is below 2 MiB         |
 * | pushRows         | 1 000    | one transaction of the store, about 0.1 s                  |
 * | pageRows         | 1 000    | most that a pull may ask for                               |
 * | rowOps           | 200      | unacknowledged operations in one document                  |
 * | groupOps         | 64       | a swap has 2, a move with displacement up to 8             |
 * | jsonDepth        | 32       | deeper JSON is an attack, not a document                   |
 * | liveMessageBytes | 2 MiB    | one WebSocket message                                      |
 * | clockSkewMs      | 5 min    | a desk whose clock differs more is told so                 |
 * | pushOps          | 5 000    | operations in one push; a desk halves what is refused      |
 * | offlineDays      | 14       | longest offline lease; no operation is judged by an older day |
 * | offlineAfterMs   | 60 s     | an operation that arrives later was made offline           |
 * | undoMs           | 1 h      | what is taken back was done just before; a desk offers it for 10 min |
 * | ticketMs         | 60 s     | life of a live ticket                                      |
 * | reasonChars      | 500      | a reason is a sentence or two                              |
 * | textChars        | 4 000    | any other free text in a field                             |
 * | textUpdateBytes  | 256 KiB  | one Yjs update; a day's offline writing is below 64 KiB    |
 * | textBytes        | 1 MiB    | a whole text: it fits into one live message                |
 * | presenceBytes    | 1 KiB    | one awareness message of a desk: a name and a cursor       |
 * | deviceRooms      | 20       | open texts of one desk                                     |
 */
export const LIMITS = {
  bodyBytes: 1_048_576,
  pushBytes: 10_485_760,
  pushRows: 1_000,
  pageRows: 1_000,
  rowOps: 200,
  groupOps: 64,
  jsonDepth: 32,
  liveMessageBytes: 2_097_152,
  clockSkewMs: 300_000,
  pushOps: 5_000,
  offlineDays: 14,
  offlineAfterMs: 60_000,
  undoMs: 3_600_000,
  ticketMs: 60_000,
  reasonChars: 500,
  textChars: 4_000,
  textUpdateBytes: 262_144,
  textBytes: 1_048_576,
  presenceBytes: 1_024,
  deviceRooms: 20,
} as const;
