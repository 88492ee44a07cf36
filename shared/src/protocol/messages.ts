import { z } from 'zod';
import { COLLECTIONS } from '../docs/kinds.ts';
import { opSchema } from '../docs/op.ts';
import { idField, instantField, wholeText } from '../docs/fieldTypes.ts';
import { ERASE_MODES, eraseOrderSchema } from '../fleet/eraseOrder.ts';
import { ROLES } from '../access/roles.ts';
import { chainLinkSchema } from '../tlog/deviceChain.ts';
import { sliceSchema } from '../tlog/slice.ts';
import { LIMITS } from './limits.ts';

/** The messages between desk and service: envelopes strict, rows loose (each row is judged on its own). */

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

export const ticketResponseSchema = z.strictObject({ ticket: z.string(), expiresAt: instantField });

/** Notices of the live socket: only that something changed; the content comes by pull, under rights. */
export const noticeSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), epoch: z.string(), serverTime: instantField }),
  z.strictObject({ type: z.literal('changed'), collections: z.array(z.enum(COLLECTIONS)) }),
  z.strictObject({ type: z.literal('rights') }),
  z.strictObject({ type: z.literal('renewed'), expiresAt: instantField }),
]);
export type Notice = z.infer<typeof noticeSchema>;
export const liveClientMessageSchema = z.strictObject({
  type: z.literal('renew'),
  ticket: z.string().max(2000),
});

/** Subprotocol of the live socket; the second offered one is `ticket.` and the ticket (decision 7). */
export const LIVE_SUBPROTOCOL = 'sivis.live.1';

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

/** A desk as it names itself; its key stands in the DPoP proof of the request. */
export const deskSchema = z.strictObject({ id: idField, name: wholeText.min(1).max(60) });

export const helloRequestSchema = z.strictObject({ device: z.strictObject({ id: idField }) });
export const helloResponseSchema = z.strictObject({
  /** `known`: this desk with this key may sign people in; `open`: it will be enrolled by the first sign-in. */
  desk: z.enum(['known', 'open', 'unknown', 'revoked']),
  /** What the sign-in with an account of the organisation is called; null where there is none. */
  oidc: z.string().nullable(),
  /** The order to erase this desk, until it was carried out; `null` as a rule. */
  erase: eraseOrderSchema.nullable(),
  /** The key with which the service signs such orders (Ed25519, base64): a desk keeps the first that it sees. */
  orderKey: z.base64(),
  serverTime: instantField,
});
export type Hello = z.infer<typeof helloResponseSchema>;

/** The receipt of a desk that has erased itself: how long the keys took, and everything, ms. */
export const erasedRequestSchema = z.strictObject({
  device: z.strictObject({ id: idField }),
  orderId: idField,
  keysMs: z.int().min(0),
  dataMs: z.int().min(0),
  /** Changes that went with it unsent; `null` when the desk could not count them. */
  unsent: z.int().min(0).nullable(),
});

/** Enrolment of a desk by a one-time code, typed with or without its hyphens. */
export const enrolRequestSchema = z.strictObject({ code: z.string().min(1).max(80), device: deskSchema });
export const enrolResponseSchema = z.strictObject({ deviceName: z.string(), serverTime: instantField });

/** Sign-in. */
export const loginRequestSchema = z.strictObject({
  user: z.string().min(1).max(80),
  password: z.string().min(1).max(256),
  device: deskSchema,
  /** The one-time code of the second factor, or a recovery code. */
  totp: z.string().min(1).max(80).optional(),
});

/** Second factor (TOTP, RFC 6238): begun with the password, put into use by its first code. */
export const totpBeginSchema = loginRequestSchema;
export const totpBeginResponseSchema = z.strictObject({
  /** Base 32, for typing; the same as an `otpauth:` address, for a picture. */
  secret: z.string(),
  uri: z.string(),
  /** Each signs in once without the phone. Shown now and never again. */
  recoveryCodes: z.array(z.string()),
  serverTime: instantField,
});
export type TotpBegun = z.infer<typeof totpBeginResponseSchema>;
export const totpCodeSchema = z.strictObject({ code: z.string().min(1).max(80) });
export const totpStateSchema = z.strictObject({
  on: z.boolean(),
  /** The role of the user must have it. */
  required: z.boolean(),
  recoveryLeft: z.int(),
});
export type TotpStateView = z.infer<typeof totpStateSchema>;

/** Sign-in with an account of the organisation (OpenID Connect). */
export const oidcBeginSchema = z.strictObject({
  device: deskSchema,
  /** Where the provider returns to: a loopback address of the workstation's own; absent for the service's. */
  redirect: z
    .string()
    .regex(/^http:\/\/127\.0\.0\.1:\d{1,5}\/oidc$/)
    .optional(),
});
export const oidcBeginResponseSchema = z.strictObject({ url: z.string(), state: z.string() });
export const oidcFinishSchema = z.strictObject({
  state: z.string().max(200),
  device: deskSchema,
  /** What the provider sent to the loopback address: the query of its redirect. */
  answer: z.string().max(4_000).optional(),
});

export const sessionUserSchema = z.strictObject({
  id: idField,
  user: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  siteIds: z.array(idField),
});
export type SessionUser = z.infer<typeof sessionUserSchema>;
export const tokensSchema = z.strictObject({
  accessToken: z.string(),
  /** End of the access token, at most 10 minutes ahead. */
  accessExpiresAt: instantField,
  refreshToken: z.string(),
  user: sessionUserSchema,
  epoch: z.string(),
  /** The name by which people know this desk; the service gives the next free one at its first sign-in. */
  deviceName: z.string(),
  /** Public key (P-256 point, base64) to which a desk that may not push encrypts what it could not send (decision 18). */
  recoveryKey: z.string(),
  /** This user's part, 256 bits, base64, of what opens this desk after too many wrong passwords. */
  unlockShare: z.string(),
  /** Until when the desk may be used without the service (decision 17). */
  offlineUntil: instantField,
  serverTime: instantField,
});
export type Tokens = z.infer<typeof tokensSchema>;
export const refreshRequestSchema = z.strictObject({ refreshToken: z.string().max(200) });
export const passwordChangeSchema = z.strictObject({
  oldPassword: z.string().max(256),
  newPassword: z.string().max(256),
});

/** Search over all people of the user's scope, at the service. */
export const searchRequestSchema = z.strictObject({
  text: wholeText.min(2).max(120),
  limit: z.int().min(1).max(50),
});
export const searchHitSchema = z.strictObject({
  person: wireDocSchema,
  stays: z.array(wireDocSchema),
  contacts: z.array(wireDocSchema),
});
export const searchResponseSchema = z.strictObject({
  hits: z.array(searchHitSchema),
  total: z.int().min(0),
  serverTime: instantField,
});
export type SearchResponse = z.infer<typeof searchResponseSchema>;
/** The card of one person who is not on this desk. */
export const cardRequestSchema = z.strictObject({ personId: idField });
export const cardResponseSchema = searchHitSchema;

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

/** Users and devices (IT). */
export const userViewSchema = z.strictObject({
  id: idField,
  user: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  siteIds: z.array(idField),
  disabled: z.boolean(),
  createdAt: instantField,
  lastSignInAt: instantField.nullable(),
  /** Signs in with a second factor. */
  totp: z.boolean(),
});
export type UserView = z.infer<typeof userViewSchema>;
export const userCreateSchema = z.strictObject({
  user: z.string().regex(/^[a-z][a-z0-9._-]{1,39}$/),
  name: wholeText.trim().min(1).max(120),
  role: z.enum(ROLES),
  siteIds: z.array(idField).min(1).max(20),
  password: z.string().max(256),
});
export const userUpdateSchema = z.strictObject({
  id: idField,
  name: wholeText.trim().min(1).max(120).optional(),
  role: z.enum(ROLES).optional(),
  siteIds: z.array(idField).min(1).max(20).optional(),
  disabled: z.boolean().optional(),
  password: z.string().max(256).optional(),
  /** Takes the second factor away, for somebody who lost the phone and the recovery codes. */
  resetTotp: z.literal(true).optional(),
  /** Forgets failed sign-ins, so that the account is let in again at once. */
  unlock: z.literal(true).optional(),
});
export const deviceViewSchema = z.strictObject({
  id: idField,
  name: z.string(),
  createdAt: instantField,
  lastSeenAt: instantField.nullable(),
  lastUserId: z.string().nullable(),
  lastUserName: z.string().nullable(),
  appVersion: z.string(),
  revoked: z.boolean(),
  /** The last order to erase it, and when the desk said that it is done. */
  erase: z
    .strictObject({ mode: z.enum(ERASE_MODES), at: instantField, doneAt: instantField.nullable() })
    .nullable(),
});
export type DeviceView = z.infer<typeof deviceViewSchema>;
/** A one-time code for a new desk, or (`id`) for one that is known and has lost its key. */
export const deviceCodeRequestSchema = z.strictObject({
  name: wholeText.trim().min(1).max(60),
  id: idField.optional(),
});
export const deviceCodeResponseSchema = z.strictObject({ code: z.string(), expiresAt: instantField });
export const deviceUpdateSchema = z.strictObject({
  id: idField,
  name: wholeText.trim().min(1).max(60).optional(),
  revoked: z.boolean().optional(),
});

/** Orders a desk to erase itself, or (`null`) takes back an order that it has not carried out. */
export const deviceEraseSchema = z.strictObject({ id: idField, mode: z.enum(ERASE_MODES).nullable() });

/** Body of every reply that is not 2xx. */
export const errorBodySchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number()])),
  requestId: z.string(),
});
