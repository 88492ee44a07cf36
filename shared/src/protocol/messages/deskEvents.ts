import { z } from 'zod';
import { idField, instantField, wholeText } from '../../docs/fieldTypes.ts';
import { chainLinkSchema } from '../../tlog/deviceChain.ts';

/** What a desk did that only it can know; written there before display, delivered later (decision 10). */
export const DESK_ACTIONS = [
  'view',
  'list',
  'search',
  'print',
  'export',
  'unlock',
  'unlockFailed',
  'lock',
  'signOut',
  'logAlarm',
  'logAlarmSeen',
  /** What a desk had kept was not what it had written: a document (its id), the store or the journal; `screen` says which. */
  'localIntegrityFailure',
] as const;
export const deskEventSchema = z.strictObject({
  eventId: idField,
  at: instantField,
  action: z.enum(DESK_ACTIONS),
  /** Kind and id of what was opened; absent for lists and searches. */
  kind: wholeText.max(40).optional(),
  objectId: idField.optional(),
  personIds: z.array(idField).max(2_000).optional(),
  screen: wholeText.max(40).optional(),
  /** The filter of a list or the text of a search; stored in the erasable payload. */
  filter: wholeText.max(200).optional(),
  count: z.int().min(0).optional(),
  offline: z.boolean(),
  /** Its place in the sequence of this user's events on this desk. */
  chain: chainLinkSchema,
});
export type DeskEvent = z.infer<typeof deskEventSchema>;
/** 64 bytes in base64url: a point of P-256 without its first byte, or an ES256 signature (RFC 7518 §3.4). */
const bytes64 = z.string().regex(/^[\w-]{86}$/);
/** The desk's key, and its signature of the hash (64 hex letters) of the last event of a delivery. */
export const deskSignatureSchema = z.strictObject({ key: bytes64, value: bytes64 });
export type DeskSignature = z.infer<typeof deskSignatureSchema>;
export const deskEventsRequestSchema = z.strictObject({
  events: z.array(z.unknown()).min(1).max(1_000),
  /** Without it, or with a wrong one, the events are taken and the service gives the alarm. */
  signed: deskSignatureSchema.optional(),
});
export const deskEventsResponseSchema = z.strictObject({
  accepted: z.array(z.string()),
  refused: z.array(z.strictObject({ eventId: z.string(), code: z.string() })),
  serverTime: instantField,
});
