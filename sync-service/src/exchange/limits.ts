/**
 * The limits of imports, one table.
 *
 * | limit       | value   | why                                                                     |
 * |-------------|---------|-------------------------------------------------------------------------|
 * | fileBytes   | 256 MiB | twenty times the largest export known; it is read into memory as a whole |
 * | batchDocs   | 20 000  | one transaction, about two seconds; smaller ones write every index page more often |
 * | readDocs    | 1 000   | documents read at a time, so that memory does not grow with the store    |
 * | roomBeds    | 26      | beds of a room are named by one letter, A to Z                           |
 * | aliases     | 80      | keys of one person in the old system (person schema)                     |
 * | formerNames | 40      | former spellings of one person (person schema)                           |
 * | taskPersons | 20      | people that one task compares (task schema)                              |
 */
export const EXCHANGE_LIMITS = {
  fileBytes: 268_435_456,
  batchDocs: 20_000,
  readDocs: 1_000,
  roomBeds: 26,
  aliases: 80,
  formerNames: 40,
  taskPersons: 20,
} as const;
