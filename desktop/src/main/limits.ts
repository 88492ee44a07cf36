/**
 * The limits of Electron's main process, one table. Times in ms unless the name says otherwise.
 *
 * | limit                | value  | why                                                                |
 * |----------------------|--------|--------------------------------------------------------------------|
 * | reloadsAfterCrash    | 3      | a page that dies again and again is not cured by a fourth reload    |
 * | crashWindow          | 5 min  | crashes further apart are unrelated                                 |
 * | idlePoll             | 15 s   | an idle lock may be late by this much                               |
 * | logBytes             | 1 MiB  | main writes a few lines a day; one older file is kept beside it     |
 * | policyFileBytes      | 64 KiB | a policy file is a page of text                                     |
 * | registryAnswer       | 5 s    | reg.exe answers in some 20 ms                                       |
 * | journalSnapshots     | 3      | of what is unsent; a damaged one costs nothing as long as one is whole |
 * | reserveBytes         | 64 MiB | given up first when the disk is full: the journal finishes what it writes |
 * | reserveChunk         | 8 MiB  | it is written in                                                    |
 * | reserveFrom          | 2 GB   | free bytes from which it is made (the page warns below)             |
 * | outsideSignIn        | 5 min  | time to sign in at the identity provider in the browser             |
 * | windowWidth, -Height | 1024, 700 | the least at which a list and its inspector stand side by side  |
 */
export const LIMITS = {
  reloadsAfterCrash: 3,
  crashWindow: 300_000,
  idlePoll: 15_000,
  logBytes: 1_048_576,
  policyFileBytes: 65_536,
  registryAnswer: 5_000,
  journalSnapshots: 3,
  reserveBytes: 67_108_864,
  reserveChunk: 8_388_608,
  reserveFrom: 2_000_000_000,
  outsideSignIn: 300_000,
  windowWidth: 1_024,
  windowHeight: 700,
} as const;
