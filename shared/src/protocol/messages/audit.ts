import { z } from 'zod';
import { idField, instantField, wholeText } from '../../docs/fieldTypes.ts';
import { LIMITS } from '../limits.ts';

/** The audit view. */

export const auditQuerySchema = z.strictObject({
  personId: idField.optional(),
  actorId: idField.optional(),
  deviceId: idField.optional(),
  actions: z.array(wholeText.max(40)).max(30).optional(),
  from: instantField.optional(),
  to: instantField.optional(),
  /** Entries with a lower number; for paging back. */
  before: z.int().optional(),
  limit: z.int().min(1).max(500),
  /** False: the entries that desks and the service write about mere replication are left out. */
  replication: z.boolean().optional(),
});
export type AuditQuery = z.infer<typeof auditQuerySchema>;
export const auditEntrySchema = z.strictObject({
  seq: z.int(),
  /** When the service wrote it, and when it happened at the desk. */
  at: instantField,
  happenedAt: instantField,
  actorId: z.string(),
  actorName: z.string(),
  actorRole: z.string(),
  deviceId: z.string(),
  deviceName: z.string(),
  offline: z.boolean(),
  ip: z.string(),
  session: z.string(),
  action: z.string(),
  kind: z.string(),
  objectId: z.string(),
  objectRev: z.int(),
  /** Name of the person concerned, where the reader may know it. */
  subjectName: z.string(),
  personId: z.string(),
  result: z.string(),
  reason: z.string(),
  app: z.string(),
  changes: z.array(
    z.strictObject({ field: z.string(), before: z.json(), after: z.json(), masked: z.boolean() }),
  ),
  detail: z.record(z.string(), z.json()),
  /** What the ids in the entry are called, as far as the reader may know it: people, colleagues, places, whose stay. */
  labels: z.record(z.string(), z.string()),
  leafHash: z.string(),
});
export type AuditEntryView = z.infer<typeof auditEntrySchema>;
export const auditPageSchema = z.strictObject({
  entries: z.array(auditEntrySchema),
  more: z.boolean(),
  total: z.int(),
  size: z.int(),
  serverTime: instantField,
});
export type AuditPage = z.infer<typeof auditPageSchema>;
/** People who occur in the log, for the reader of the whole log: he has no other search for people. */
export const auditPeopleRequestSchema = z.strictObject({ text: wholeText.min(2).max(120) });
export const auditPeopleResponseSchema = z.strictObject({
  people: z.array(z.strictObject({ id: idField, name: z.string(), birthDate: z.string() })),
  /** More match than are shown: the text should say more. */
  more: z.boolean(),
});
/** Opens masked values of one entry, with a reason that goes into the log. */
export const auditOpenSchema = z.strictObject({
  seq: z.int().min(1),
  reason: wholeText.min(10).max(LIMITS.reasonChars),
});
