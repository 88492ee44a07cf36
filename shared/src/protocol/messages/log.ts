import { z } from 'zod';
import { instantField, wholeText } from '../../docs/fieldTypes.ts';
import { sliceSchema } from '../../tlog/slice.ts';
import { LIMITS } from '../limits.ts';

/** What proves the log: heads, proofs, and parts of it with theirs. */

/** A head of the log's tree: what a desk has seen last, or what it is shown. */
export const treeHeadSchema = z.strictObject({
  origin: z.string().min(1).max(300),
  size: z.int().min(0),
  /** Base64 of 32 bytes. */
  root: z.string().max(44),
});
/** A desk asks for the head of the log and says which one it has seen last. */
export const logWitnessSchema = z.strictObject({ seen: treeHeadSchema.nullable() });
export const logHeadSchema = z.strictObject({
  /** The log's verifier key. */
  key: z.string(),
  /** The signed checkpoint (C2SP tlog-checkpoint). */
  checkpoint: z.string(),
  /** Consistency of the checkpoint with the head that the desk has seen, base64; empty when there is none. */
  proof: z.array(z.string()),
  serverTime: instantField,
});
export type LogHead = z.infer<typeof logHeadSchema>;
export const logConsistencySchema = z.strictObject({ from: z.int().min(0), to: z.int().min(0) });
export const logProofSchema = z.strictObject({ proof: z.array(z.string()), serverTime: instantField });
export const logInclusionSchema = z.strictObject({ seq: z.int().min(1) });
/** Where an entry stands in the log, for a reader who has the entry's hash. */
export const logInclusionProofSchema = z.strictObject({
  key: z.string(),
  checkpoint: z.string(),
  proof: z.array(z.string()),
  serverTime: instantField,
});
export const logStateSchema = z.strictObject({
  /** Null while nothing was signed yet. */
  head: z
    .strictObject({
      key: z.string(),
      checkpoint: z.string(),
      at: instantField,
      size: z.int(),
      origin: z.string(),
    })
    .nullable(),
  /** Entries written so far. */
  entries: z.int(),
  /** The last entry whose text was removed when its time was over; 0 for none. */
  removedTo: z.int(),
  retention: z.strictObject({ months: z.int(), basis: z.string() }),
  /** `signer`, `refused`, `rolledBack`, `entry`: why no checkpoint is published. */
  alarm: z.string().nullable(),
  witnesses: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(['desk', 'cosigner']),
      size: z.int(),
      at: instantField,
      /** False: it has seen another log than this one. */
      sameLog: z.boolean(),
    }),
  ),
  /** The latest alarms about the log and the desks' sequences, newest first. */
  alarms: z.array(
    z.strictObject({
      seq: z.int(),
      at: instantField,
      action: z.string(),
      code: z.string(),
      deviceName: z.string(),
    }),
  ),
  serverTime: instantField,
});
export type LogState = z.infer<typeof logStateSchema>;
/** A part of the log with its proof, by numbers or by time (half-open); at most 4 096 entries. */
export const logSliceRequestSchema = z.strictObject({
  first: z.int().min(1).optional(),
  last: z.int().min(1).optional(),
  from: instantField.optional(),
  to: instantField.optional(),
  /** What it is for; an export is taken out of the house and says why. */
  purpose: z.enum(['verify', 'export']),
  /** With the entries' content; needs a reason. */
  withPayload: z.boolean(),
  reason: wholeText.max(LIMITS.reasonChars).optional(),
});
export type LogSliceRequest = z.infer<typeof logSliceRequestSchema>;
export const logSliceReplySchema = z.strictObject({
  slice: sliceSchema,
  /** Number of the last entry that was asked for; more than the slice has when that is full. */
  last: z.int(),
  serverTime: instantField,
});
