import { z } from 'zod';
import { idField, instantField, wholeText } from '../../docs/fieldTypes.ts';
import { LIMITS } from '../limits.ts';
import { opResultSchema } from './sync.ts';

/** Edits that wait for a supervisor, because their author may no longer make them. */
export const quarantineEntrySchema = z.strictObject({
  id: idField,
  at: instantField,
  siteId: z.string(),
  authorId: z.string(),
  authorName: z.string(),
  deviceName: z.string(),
  source: z.enum(['push', 'file']),
  state: z.enum(['open', 'accepted', 'discarded']),
  decidedByName: z.string(),
  decidedAt: instantField.nullable(),
  reason: z.string(),
  ops: z.array(
    z.strictObject({
      docId: z.string(),
      kind: z.string(),
      /** Name of the person concerned, where the reader may know it. */
      subjectName: z.string(),
      personId: z.string(),
      op: z.string(),
      at: instantField,
      reason: z.string(),
      changes: z.array(z.strictObject({ field: z.string(), before: z.json(), after: z.json() })),
    }),
  ),
});
export type QuarantineEntry = z.infer<typeof quarantineEntrySchema>;
export const quarantineListSchema = z.strictObject({ open: z.boolean() });
export const quarantinePageSchema = z.strictObject({
  entries: z.array(quarantineEntrySchema),
  serverTime: instantField,
});
export const quarantineDecideSchema = z.strictObject({
  id: idField,
  accept: z.boolean(),
  reason: wholeText.trim().min(5).max(LIMITS.reasonChars),
});
export const quarantineDecidedSchema = z.strictObject({
  state: z.enum(['open', 'accepted', 'discarded']),
  /** Why it could not be applied; then it stays open. */
  results: z.array(opResultSchema),
});
export type QuarantineDecided = z.infer<typeof quarantineDecidedSchema>;
/** What became of the reader's own operations. */
export const quarantineMineSchema = z.strictObject({ opIds: z.array(idField).min(1).max(200) });
export const quarantineMineResponseSchema = z.strictObject({
  ops: z.array(
    z.strictObject({
      opId: z.string(),
      state: z.enum(['open', 'accepted', 'discarded']),
      reason: z.string(),
      decidedAt: instantField.nullable(),
    }),
  ),
});
