import { z } from 'zod';
import { opSchema } from '../../docs/op.ts';
import { idField, instantField, wholeText } from '../../docs/fieldTypes.ts';
import { LIMITS } from '../limits.ts';

/** Pull and push of documents: envelopes strict, rows loose (each row is judged on its own). */

const checkpoint = z.string().max(400);
const fields = z.record(z.string(), z.json());

/** A document as the service sends it: already redacted to what the receiver may see. A removal is a blank. */
export const wireDocSchema = z.strictObject({
  id: idField,
  kind: z.string(),
  siteId: z.string(),
  /** Counts the service's changes of this document, from 1; 0 in a blank. */
  rev: z.int().min(0),
  deleted: z.boolean(),
  fields,
});
export type WireDoc = z.infer<typeof wireDocSchema>;

export const pullRequestSchema = z.strictObject({
  checkpoint: checkpoint.nullable(),
  limit: z.int().min(1).max(LIMITS.pageRows),
});
export type PullRequest = z.infer<typeof pullRequestSchema>;

export const pullResponseSchema = z.strictObject({
  documents: z.array(wireDocSchema),
  checkpoint,
  /** True when another page is ready now. The page is full in that case: `documents.length === limit`. */
  more: z.boolean(),
  /** How many of the documents are removals, and how many the desk holds: for the 50 % rule (decision 4). */
  removals: z.int().min(0),
  held: z.int().min(0),
  /**
   * Not `no`: everything is sent again from the start. `rights`: the reader's rights changed. `epoch`: the service came
   * back from a backup; the desk pushes again what was answered in the last 30 days.
   */
  resync: z.enum(['no', 'rights', 'epoch']),
  serverTime: instantField,
});
export type PullResponse = z.infer<typeof pullResponseSchema>;

/**
 * A row of a push; `ops` are judged one by one, so that one malformed operation cannot stop its neighbours. A row without
 * operations asks for the document as it is: its desk does not know whether it has the last word of the service. The site
 * of a document that the desk holds no longer is `''`.
 */
export const pushRowSchema = z.strictObject({
  id: idField,
  kind: wholeText,
  siteId: z.union([idField, z.literal('')]),
  ops: z.array(opSchema).max(LIMITS.rowOps),
});
export type PushRow = z.infer<typeof pushRowSchema>;

export const pushRequestSchema = z.strictObject({ rows: z.array(z.unknown()).min(1).max(LIMITS.pushRows) });
export type PushRequest = { readonly rows: readonly unknown[] };

export const OUTCOMES = ['accepted', 'conflict', 'rejected', 'waits'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const clashSchema = z.strictObject({
  field: z.string(),
  base: z.json(),
  mine: z.json(),
  theirs: z.json(),
  /** Who wrote the value that is shown, when, at which desk. */
  theirsBy: z.string(),
  theirsAt: z.string(),
  theirsDevice: z.string(),
  /** The name by which people know that desk; `''` when the service itself wrote it. */
  theirsDeviceName: z.string(),
});

export const rejectionSchema = z.strictObject({
  /** Id of the violated rule (I15, C3.2, rights, malformed …). */
  rule: z.string(),
  /** Key of the words in shared/rules/words.ts. */
  code: z.string(),
  params: z.record(z.string(), z.string()),
  /** The words in Latvian, for clients that have no words of their own. */
  message: z.string(),
});
export type Rejection = z.infer<typeof rejectionSchema>;

export const opResultSchema = z.strictObject({
  opId: z.string(),
  outcome: z.enum(OUTCOMES),
  clashes: z.array(clashSchema).optional(),
  rejection: rejectionSchema.optional(),
  /** `clock-skew`, `unconfirmed`, `provisional`: taken, but somebody should know. */
  warnings: z.array(z.string()).optional(),
});
export type OpResult = z.infer<typeof opResultSchema>;

export const pushRowResultSchema = z.strictObject({
  id: z.string(),
  /** The worst outcome of the row's operations. */
  outcome: z.enum(OUTCOMES),
  ops: z.array(opResultSchema),
  /**
   * The service's document after the row, as the author may see it; a blank when there is none, also for a row whose id
   * was no id.
   */
  master: wireDocSchema.extend({ id: z.string() }),
});
export type PushRowResult = z.infer<typeof pushRowResultSchema>;

export const pushResponseSchema = z.strictObject({
  rows: z.array(pushRowResultSchema),
  serverTime: instantField,
});
export type PushResponse = z.infer<typeof pushResponseSchema>;

/** Id reconciliation (decision 4): every id of a collection that the user may hold, in pages by id. */
export const idsRequestSchema = z.strictObject({
  after: z.string().max(64),
  limit: z.int().min(1).max(20_000),
});
export const idsResponseSchema = z.strictObject({
  ids: z.array(z.string()),
  more: z.boolean(),
  serverTime: instantField,
});
