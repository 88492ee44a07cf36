/**
 * Limits of the service, one table (decision 20). Times are ms unless the name says otherwise.
 *
 * | limit                | value    | why                                                                     |
 * |----------------------|----------|-------------------------------------------------------------------------|
 * | accessMs             | 10 min   | life of an access token; the session is asked on every request anyway   |
 * | sessionMs            | 12 h     | a working day: then the password is asked for again                     |
 * | refreshGraceMs       | 60 s     | a desk reloaded before it kept its new token may ask with the old one   |
 * | enrolMs              | 15 min   | life of a desk's one-time enrolment code                                |
 * | oidcMs               | 10 min   | time for a sign-in at the identity provider                             |
 * | proofSkewMs          | 60 s     | how far a DPoP proof's time may be from the service's                   |
 * | nonceMs              | 5 min    | life of a DPoP nonce, and of a proof's number in the replay cache       |
 * | offlineMs            | 72 h     | offline lease (decision 17); the setting `offline_hours` changes it     |
 * | firstAdminMs         | 24 h     | life of the one-time link for the first administrator                   |
 * | accountFailures      | 5        | failed sign-ins of one account in `accountWindowMs`                     |
 * | accountWindowMs      | 15 min   |                                                                         |
 * | addressAttempts      | 10       | sign-ins from one address in `addressWindowMs`                          |
 * | addressWindowMs      | 1 min    |                                                                         |
 * | passwordMin, Max     | 12, 256  | characters (decision 16)                                                |
 * | argonMemoryKiB …     | 64 MiB, 3, 1 | Argon2id (decision 14): about 0.2 s of one core                     |
 * | ratePerSecond, burst | 20, 200  | requests of one device; the burst refills in `burstSeconds`             |
 * | socketMs             | 10 min   | a live socket without a renewed ticket is closed after this             |
 * | pingMs               | 30 s     | half-open sockets are noticed                                           |
 * | coalesceMs           | 20       | after a notice; commits meanwhile become one                            |
 * | recheckMs            | 500      | open sockets are asked again whether their session still holds          |
 * | diskFreeShare        | 5 %      | below this the service is not ready                                     |
 * | stopMs               | 10 s     | time for a graceful stop                                                |
 * | checkpointMs         | 60 s     | oldest unsigned entry of the audit log (security.md: entry → checkpoint ≤ 65 s) |
 * | checkpointEntries    | 1 000    | unsigned entries of the audit log, whatever their age                   |
 * | sequencerMs          | 1 s      | how often the publisher of the log looks                                |
 * | signerMs             | 10 s     | the signer's answer                                                     |
 * | witnessMs            | 10 s     | an outside witness's answer                                             |
 * | sliceEntries         | 4 096    | entries of the log in one reply with their proof, about 4 MB            |
 * | retentionEveryMs     | 24 h     | how often old entries are looked for                                    |
 * | upgradesWaiting      | 100      | sockets of texts on their way in: ticket, rights, log and text of each   |
 * | textSockets          | 2 000    | open sockets of texts at one instance                                   |
 * | textMessages …Burst  | 100, 1 000 | messages a second of one socket: keystrokes, cursors and their echoes |
 * | textBacklogBytes     | 4 MiB    | unsent or unsaved bytes of one socket, after which it is closed         |
 * | textCompact          | 200      | updates of a text after which a snapshot takes their place              |
 * | presenceMs           | 45 s     | presence told by another instance that nobody renewed (clients do at 15 s) |
 * | conditions           | 500      | compiled conditions of what a desk may hold: users × collections        |
 */
export const SERVICE_LIMITS = {
  accessMs: 600_000,
  sessionMs: 43_200_000,
  refreshGraceMs: 60_000,
  enrolMs: 900_000,
  oidcMs: 600_000,
  proofSkewMs: 60_000,
  nonceMs: 300_000,
  offlineMs: 259_200_000,
  firstAdminMs: 86_400_000,
  accountFailures: 5,
  accountWindowMs: 900_000,
  addressAttempts: 10,
  addressWindowMs: 60_000,
  passwordMin: 12,
  passwordMax: 256,
  argonMemoryKiB: 65_536,
  argonPasses: 3,
  argonLanes: 1,
  ratePerSecond: 20,
  burst: 200,
  burstSeconds: 10,
  socketMs: 600_000,
  pingMs: 30_000,
  coalesceMs: 20,
  recheckMs: 500,
  diskFreeShare: 0.05,
  stopMs: 10_000,
  checkpointMs: 60_000,
  checkpointEntries: 1_000,
  sequencerMs: 1_000,
  signerMs: 10_000,
  witnessMs: 10_000,
  sliceEntries: 4_096,
  retentionEveryMs: 86_400_000,
  upgradesWaiting: 100,
  textSockets: 2_000,
  textMessages: 100,
  textMessagesBurst: 1_000,
  textBacklogBytes: 4_194_304,
  textCompact: 200,
  presenceMs: 45_000,
  conditions: 500,
} as const;
