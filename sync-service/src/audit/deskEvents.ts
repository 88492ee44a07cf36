import { createHash, createPublicKey, verify } from 'node:crypto';
import type { z } from 'zod';
import type { Json } from '@sivis/shared/docs/json.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import {
  deskEventSchema,
  type deskEventsResponseSchema,
  type DeskEvent,
  type DeskSignature,
} from '@sivis/shared/protocol/messages/deskEvents.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { RequestContext } from '../identity/context.ts';
import type { Store, WriteTx } from '../store/store.ts';
import { judgeLink, type ChainAlarm } from '@sivis/shared/tlog/deviceChain.ts';
import { personsOf } from '../sync/relations.ts';
import { toHex, utf8 } from '@sivis/shared/tlog/bytes.ts';
import type { AuditEvent, AuditLog } from './auditLog.ts';
import { canonicalJson } from './entry.ts';
import { sha256 } from './nodeCrypto.ts';

type Answer = z.infer<typeof deskEventsResponseSchema>;

function idOf(raw: unknown): string {
  const id = typeof raw === 'object' && raw !== null ? (raw as { eventId?: unknown }).eventId : undefined;
  return typeof id === 'string' ? id.slice(0, 64) : '';
}

/** SHA-256 of the event's canonical JSON: what the event after it names. */
export function deskEventHash(event: DeskEvent): string {
  return toHex(sha256(utf8(canonicalJson(event))));
}

/** Whether the desk of the session has signed this hash. */
function isSigned({ thumbprint }: RequestContext, hash: string, { key, value }: DeskSignature): boolean {
  const point = Buffer.from(key, 'base64url');
  const half = (from: number): string => point.subarray(from, from + 32).toString('base64url');
  // In the order of RFC 7638, which makes the thumbprint.
  const jwk = { crv: 'P-256', kty: 'EC', x: half(0), y: half(32) };
  if (createHash('sha256').update(JSON.stringify(jwk)).digest('base64url') !== thumbprint) return false;
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  const signature = Buffer.from(value, 'base64url');
  return verify('sha256', Buffer.from(hash), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}

/** The signature, when it is one of the last event of the delivery. */
function checkedSignature(
  context: RequestContext,
  events: readonly unknown[],
  signed: DeskSignature | undefined,
): DeskSignature | undefined {
  try {
    const hash = toHex(sha256(utf8(canonicalJson(events.at(-1)))));
    return signed !== undefined && isSigned(context, hash, signed) ? signed : undefined;
  } catch {
    // No JSON that has a canonical form, or no key: not signed.
    return undefined;
  }
}

/** The event as an entry. People are those whom the desk names and those whom the document concerns. */
async function entryOf(tx: WriteTx, event: DeskEvent, nowMs: number): Promise<AuditEvent> {
  const doc = event.objectId === undefined ? undefined : await tx.doc(event.objectId);
  const concerned = doc === undefined ? [] : personsOf(doc.kind, doc.id, doc.fields);
  const detail: Record<string, Json> = {};
  if (event.screen !== undefined) detail['screen'] = event.screen;
  if (event.filter !== undefined) detail['filter'] = event.filter;
  if (event.count !== undefined) detail['count'] = event.count;
  const ahead = Date.parse(event.at) > nowMs + LIMITS.clockSkewMs;
  return {
    action: event.action,
    kind: doc?.kind ?? event.kind ?? '',
    objectId: event.objectId ?? '',
    objectRev: doc?.rev ?? 0,
    ...(doc === undefined ? {} : { siteId: doc.siteId }),
    personIds: [...new Set([...(event.personIds ?? []), ...concerned])],
    happenedAt: event.at,
    result: ahead ? 'clock-skew' : 'ok',
    offline: event.offline,
    detail,
  };
}

/**
 * Takes an event that is not known yet, and gives the alarm when it does not follow the one before it. Returns whether
 * it was a new one.
 */
async function takeEvent(
  tx: WriteTx,
  audit: AuditLog,
  context: RequestContext,
  event: DeskEvent,
  signed: DeskSignature | undefined,
): Promise<boolean> {
  const { deviceId, nowMs } = context;
  const userId = context.subject.userId;
  const { id, n } = event.chain;
  const hash = deskEventHash(event);
  // Known by device: nobody can use up the number of somebody else's event.
  const key = `${deviceId}:${event.eventId}`;
  const taken = await tx.deskChainHash(deviceId, userId, id, n);
  // The same event again: its reply was lost.
  if (taken === hash || (taken === undefined && (await tx.hasDeskEvent(key)))) return false;
  const { alarm, leads } = judgeLink(await tx.deskChain(deviceId, userId), event.chain, taken);
  await audit.recordAudit(tx, context, {
    ...(await entryOf(tx, event, nowMs)),
    chain: { ...event.chain, hash, alarm, ...(signed === undefined ? {} : { signed }) },
  });
  await tx.markDeskEvent(key);
  await tx.putDeskChain(deviceId, userId, { id, n, hash }, leads);
  // An event that fills a gap is good news; the gap had its alarm.
  if (alarm !== null && alarm !== 'late') await giveAlarm(tx, audit, context, alarm, event);
  return true;
}

function giveAlarm(
  tx: WriteTx,
  audit: AuditLog,
  context: RequestContext,
  alarm: ChainAlarm | 'unsigned',
  { chain }: DeskEvent,
): Promise<number> {
  return audit.recordAudit(tx, context, {
    action: 'deviceAlarm',
    kind: 'device',
    objectId: context.deviceId,
    personIds: [],
    personal: false,
    result: `chain-${alarm}`,
    detail: { chain: chain.id, n: chain.n },
  });
}

/**
 * Takes what a desk did while nobody watched: each event alone, each once. Actor and device are those of the session,
 * whatever the event may claim. An event from a clock that runs ahead is taken and marked.
 */
export async function takeDeskEvents(
  store: Store,
  audit: AuditLog,
  context: RequestContext,
  events: readonly unknown[],
  signed?: DeskSignature,
): Promise<Answer> {
  const checked = checkedSignature(context, events, signed);
  return store.write(async (tx) => {
    const accepted: string[] = [];
    const refused: Answer['refused'] = [];
    let last: DeskEvent | undefined;
    for (const [at, raw] of events.entries()) {
      const parsed = deskEventSchema.safeParse(raw);
      if (!parsed.success) {
        refused.push({ eventId: idOf(raw), code: 'malformed' });
        continue;
      }
      const event = parsed.data;
      const ends = at === events.length - 1;
      if (await takeEvent(tx, audit, context, event, ends ? checked : undefined)) last = event;
      accepted.push(event.eventId);
    }
    if (checked === undefined && last !== undefined) await giveAlarm(tx, audit, context, 'unsigned', last);
    return { accepted, refused, serverTime: toInstant(context.nowMs) };
  });
}
