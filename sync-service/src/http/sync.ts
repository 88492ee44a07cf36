import { z } from 'zod';
import { COLLECTIONS, type Collection } from '@sivis/shared/docs/kinds.ts';
import type { Json } from '@sivis/shared/docs/json.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { LIMITS } from '@sivis/shared/protocol/limits.ts';
import {
  idsRequestSchema,
  idsResponseSchema,
  pullRequestSchema,
  pullResponseSchema,
  pushRequestSchema,
  pushResponseSchema,
} from '@sivis/shared/protocol/messages/sync.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import type { AuditEvent, AuditLog } from '../audit/auditLog.ts';
import type { RequestContext } from '../identity/context.ts';
import type { ChangeEvent, SyncActor } from '../sync/env.ts';
import { createSyncService, type SyncDeps } from '../sync/service.ts';
import { requireVersion } from '../sync/version.ts';
import { requireAuth, type RoutePlugin } from './deps.ts';

const params = z.strictObject({ version: z.string().max(8), collection: z.string().max(40) });

/** The collection of the path, after its version was looked at. */
function collectionOf({ version, collection }: z.infer<typeof params>): Collection {
  requireVersion(version);
  const known = COLLECTIONS.find((name) => name === collection);
  if (known === undefined) throw new SivisError('NOT_FOUND');
  return known;
}

/** The audit entry of a change; `detail` goes into its erasable part. */
export function changeEntry(
  nowMs: number,
  event: ChangeEvent,
  detail: Readonly<Record<string, Json>> = {},
): AuditEvent {
  return {
    action: event.action,
    kind: event.kind,
    objectId: event.objectId,
    objectRev: event.objectRev,
    siteId: event.siteId,
    personIds: event.personIds,
    happenedAt: event.happenedAt,
    result: event.result,
    reason: event.reason,
    offline: nowMs - Date.parse(event.happenedAt) > LIMITS.offlineAfterMs,
    changes: event.changes,
    detail: { op: event.op, opId: event.opId, ...detail },
  };
}

/** How what sync does stands in the audit log: an entry per operation, an entry per hand-over. */
export function syncEntries(
  audit: AuditLog,
): Pick<SyncDeps<RequestContext>, 'recordChange' | 'recordReplicate'> {
  return {
    recordChange: async (tx, caller, event) => {
      await audit.recordAudit(tx, caller, changeEntry(caller.nowMs, event));
    },
    recordReplicate: async (tx, caller, event) => {
      await audit.recordAudit(tx, caller, {
        action: 'replicate',
        kind: event.collection,
        objectId: '',
        personIds: event.personIds,
        personal: event.personIds.length > 0,
        result: 'ok',
        detail: {
          source: event.source,
          count: event.deliveredIds.length,
          ids: event.deliveredIds,
          removed: event.removedIds,
        },
      });
    },
  };
}

/** Pull, push and id reconciliation, with every change and every hand-over in the audit log. */
export const registerSyncRoutes: RoutePlugin = (app, deps) => {
  const service = createSyncService<RequestContext & SyncActor>({
    store: deps.store,
    clock: deps.clock,
    key: deps.keys.checkpoint,
    newId,
    ...syncEntries(deps.audit),
  });

  app.post(
    '/api/sync/:version/:collection/pull',
    { schema: { params, body: pullRequestSchema, response: { 200: pullResponseSchema } } },
    (request) => service.pull(requireAuth(request), collectionOf(request.params), request.body),
  );

  app.post(
    '/api/sync/:version/:collection/push',
    {
      bodyLimit: LIMITS.pushBytes,
      schema: { params, body: pushRequestSchema, response: { 200: pushResponseSchema } },
    },
    async (request) => {
      const context = requireAuth(request);
      const collection = collectionOf(request.params);
      const rights = await deps.store.read((tx) => tx.formerRights(context.user.id));
      const former = rights.map(({ until, role, siteIds }) => ({
        until,
        subject: { userId: context.user.id, role, siteIds },
      }));
      const answer = await service.push({ ...context, former }, collection, request.body.rows);
      deps.metrics?.pushed(answer.rows);
      return answer;
    },
  );

  app.post(
    '/api/sync/:version/:collection/ids',
    { schema: { params, body: idsRequestSchema, response: { 200: idsResponseSchema } } },
    async (request) => {
      const { after, limit } = request.body;
      const page = await service.ids(requireAuth(request), collectionOf(request.params), after, limit);
      return { ...page, serverTime: toInstant(deps.clock.now()) };
    },
  );
};
