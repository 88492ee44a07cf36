import type { z } from 'zod';
import type { Json } from '@sivis/shared/docs/json.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import {
  deskEventSchema,
  type deskEventsResponseSchema,
  type DeskEvent,
} from '@sivis/shared/protocol/messages.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { RequestContext } from '../identity/context.ts';
import type { Store, WriteTx } from '../store/store.ts';
import { personsOf } from '../sync/relations.ts';
import type { AuditEvent, AuditLog } from './auditLog.ts';

type Answer = z.infer<typeof deskEventsResponseSchema>;

function idOf(raw: unknown): string {
  const id = typeof raw === 'object' && raw !== null ? (raw as { eventId?: unknown }).eventId : undefined;
  return typeof id === 'string' ? id.slice(0, 64) : '';
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
 * Takes what a desk did while nobody watched: each event alone, each once. Actor and device are those of the session,
 * whatever the event may claim. An event from a clock that runs ahead is taken and marked.
 */
export async function takeDeskEvents(
  store: Store,
  audit: AuditLog,
  context: RequestContext,
  events: readonly unknown[],
): Promise<Answer> {
  return store.write(async (tx) => {
    const accepted: string[] = [];
    const refused: Answer['refused'] = [];
    for (const raw of events) {
      const parsed = deskEventSchema.safeParse(raw);
      if (!parsed.success) {
        refused.push({ eventId: idOf(raw), code: 'malformed' });
        continue;
      }
      const event = parsed.data;
      // Known by device: nobody can use up the number of somebody else's event.
      const key = `${context.deviceId}:${event.eventId}`;
      if (!(await tx.hasDeskEvent(key))) {
        await audit.recordAudit(tx, context, await entryOf(tx, event, context.nowMs));
        await tx.markDeskEvent(key);
      }
      accepted.push(event.eventId);
    }
    return { accepted, refused, serverTime: toInstant(context.nowMs) };
  });
}
