import { createHash, createHmac, hash, randomBytes, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Json } from '@sivis/shared/docs/json.ts';
import type { DeskSignature } from '@sivis/shared/protocol/messages/deskEvents.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { ChainAlarm, ChainLink } from '@sivis/shared/tlog/deviceChain.ts';
import type { AuditIndex } from '../store/store.ts';

/** Version of the envelope's shape; a reader that does not know it must say so. */
export const ENVELOPE_VERSION = 1;

/** More people than this stand as a count in the envelope; the payload names them, the commitment binds them. */
const LISTED_SUBJECTS = 50;

/** Who acts, as far as it is known: a signed-in user at a desk, the service itself, or nobody yet (a failed sign-in). */
export interface AuditWho {
  readonly subject: { readonly userId: string; readonly role: string; readonly siteIds: readonly string[] };
  readonly deviceId: string;
  readonly sessionId: string;
  readonly ip: string;
  /** Version of the program that asked. */
  readonly app: string;
  readonly nowMs: number;
}

export interface AuditChange {
  readonly field: string;
  readonly before: Json;
  readonly after: Json;
}

/** What happened. Everything that says something about a person goes into the payload, never into the envelope. */
export interface AuditEvent {
  readonly action: string;
  /** Kind and id of what it was done to; '' where there is none. */
  readonly kind: string;
  readonly objectId: string;
  readonly objectRev?: number;
  /** Site whose log it belongs to; the actor's first site when absent. */
  readonly siteId?: string;
  readonly personIds: readonly string[];
  /** When it happened at the desk; the service's time when absent. */
  readonly happenedAt?: string;
  /** `ok`, or a code: the rule that refused, `clock-skew`, `wrong-password`. */
  readonly result: string;
  /** Free text by the actor. */
  readonly reason?: string;
  readonly offline?: boolean;
  readonly changes?: readonly AuditChange[];
  /** Anything else: filter, count, ids delivered, operation. */
  readonly detail?: Readonly<Record<string, Json>>;
  /** Whether it touches a person; true when `personIds` has any. */
  readonly personal?: boolean;
  /** Its place in the desk's own sequence, and what is wrong with that. */
  readonly chain?: ChainLink & {
    readonly hash: string;
    readonly alarm: ChainAlarm | null;
    readonly signed?: DeskSignature;
  };
}

/** The erasable part of an entry. */
export interface AuditPayload {
  readonly objectId: string;
  readonly personIds: readonly string[];
  readonly reason: string;
  readonly changes: readonly AuditChange[];
  readonly detail: Readonly<Record<string, Json>>;
}

/** The part that stays: pseudonyms, codes and times; no names, no codes of persons, no values. */
export interface AuditEnvelope {
  readonly v: number;
  readonly at: string;
  readonly happenedAt: string;
  readonly actor: string;
  readonly role: string;
  readonly device: string;
  readonly session: string;
  readonly ip: string;
  readonly app: string;
  readonly site: string;
  readonly action: string;
  readonly kind: string;
  /** The id of the object, or the pseudonym when the object is a person. */
  readonly object: string;
  readonly objectRev: number;
  readonly subjectRefs?: readonly string[];
  readonly subjectCount: number;
  readonly result: string;
  readonly hasReason: boolean;
  readonly offline: boolean;
  readonly personal: boolean;
  readonly fields: readonly string[];
  readonly payloadCommit: string;
  /** Why personal data are processed by it. */
  readonly purpose: Purpose;
  /** Of an event of a desk: its sequence, its place there, its hash and the hash of the event before it. */
  readonly deviceChain?: string;
  readonly deviceSeq?: number;
  readonly deviceHash?: string;
  readonly prevDeviceSeq?: string;
  /** Where a delivery ended: the desk's key, and its signature of `deviceHash`, which binds all events before it. */
  readonly deviceKey?: string;
  readonly deviceSig?: string;
  /** The service noticed that the event does not follow the one before it. */
  readonly chainAlarm?: ChainAlarm;
}

/** Purposes of processing: the centre's service, oversight of it, access to the system, its administration. */
export type Purpose = 'service' | 'oversight' | 'access' | 'administration';

const PURPOSES: ReadonlyMap<string, Purpose> = new Map([
  ['audit', 'oversight'],
  ['user', 'access'],
  ['device', 'access'],
  ['session', 'access'],
  ['store', 'administration'],
]);
const ACCESS_ACTIONS = new Set(['unlock', 'unlockFailed', 'lock', 'signIn', 'signInFailed', 'signOut']);

/** The purpose of an act follows from what it is done to. */
function purposeOf({ kind, action }: AuditEvent): Purpose {
  return ACCESS_ACTIONS.has(action) ? 'access' : (PURPOSES.get(kind) ?? 'service');
}

export interface BuiltEntry {
  readonly envelope: string;
  readonly leafHash: string;
  readonly payload: string;
  /** Hex, 32 bytes. */
  readonly salt: string;
  readonly index: AuditIndex;
}

/** The canonical JSON text (RFC 8785) of a value. Throws for what is no JSON. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('not a JSON value');
  return text;
}

/** The pseudonym of a person in the log: HMAC-SHA-256 under the data folder's key, hex. */
export function subjectRef(key: Buffer | KeyObject, personId: string): string {
  return createHmac('sha256', key).update(personId).digest('hex');
}

/** RFC 6962 §2.1: SHA-256(0x00 ‖ entry), hex. */
export function leafHash(envelope: string): string {
  return hash('sha256', `\0${envelope}`);
}

/** SHA-256(salt ‖ payload), hex: binds the payload to the entry and says nothing about it once it is erased. */
export function payloadCommit(saltHex: string, payload: string): string {
  return createHash('sha256').update(Buffer.from(saltHex, 'hex')).update(payload, 'utf8').digest('hex');
}

/** Builds the two parts of an entry. */
export function buildEntry(who: AuditWho, event: AuditEvent, key: Buffer | KeyObject): BuiltEntry {
  const at = toInstant(who.nowMs);
  const personIds = [...new Set(event.personIds)];
  const refs = personIds.map((id) => subjectRef(key, id)).sort();
  const salt = randomBytes(32).toString('hex');
  const payloadParts: AuditPayload = {
    objectId: event.objectId,
    personIds,
    reason: event.reason ?? '',
    changes: event.changes ?? [],
    detail: event.detail ?? {},
  };
  const payload = canonicalJson(payloadParts);
  const siteId = event.siteId ?? who.subject.siteIds[0] ?? '';
  const personal = event.personal ?? personIds.length > 0;
  const envelopeParts: AuditEnvelope = {
    v: ENVELOPE_VERSION,
    at,
    happenedAt: event.happenedAt ?? at,
    actor: who.subject.userId,
    role: who.subject.role,
    device: who.deviceId,
    session: who.sessionId,
    ip: who.ip,
    app: who.app,
    site: siteId,
    action: event.action,
    kind: event.kind,
    object:
      event.kind === 'person' && event.objectId !== '' ? subjectRef(key, event.objectId) : event.objectId,
    objectRev: event.objectRev ?? 0,
    ...(refs.length <= LISTED_SUBJECTS ? { subjectRefs: refs } : {}),
    subjectCount: refs.length,
    result: event.result,
    hasReason: (event.reason ?? '') !== '',
    offline: event.offline ?? false,
    personal,
    fields: [...new Set((event.changes ?? []).map((change) => change.field))].sort(),
    payloadCommit: payloadCommit(salt, payload),
    purpose: purposeOf(event),
    ...(event.chain === undefined
      ? {}
      : {
          deviceChain: event.chain.id,
          deviceSeq: event.chain.n,
          deviceHash: event.chain.hash,
          prevDeviceSeq: event.chain.prev,
          ...(event.chain.signed === undefined
            ? {}
            : { deviceKey: event.chain.signed.key, deviceSig: event.chain.signed.value }),
          ...(event.chain.alarm === null ? {} : { chainAlarm: event.chain.alarm }),
        }),
  };
  const envelope = canonicalJson(envelopeParts);
  return {
    envelope,
    leafHash: leafHash(envelope),
    payload,
    salt,
    index: {
      at,
      happenedAt: envelopeParts.happenedAt,
      actorId: envelopeParts.actor,
      deviceId: envelopeParts.device,
      action: envelopeParts.action,
      siteId,
      subjectRefs: refs,
      personal,
    },
  };
}

export function parseEnvelope(text: string): AuditEnvelope {
  return JSON.parse(text) as AuditEnvelope;
}

export function parsePayload(text: string | null): AuditPayload | null {
  return text === null ? null : (JSON.parse(text) as AuditPayload);
}
